import CSodium
import Daemon
import Glibc
import Wire

/// The recovery key, an X25519 pair: by its public half device keys leave the helper as boxes, by its secret half, which
/// only the recovery code holds, they are taken in again on another machine.
struct Recovery {
    /// 32 bytes.
    private let publicKey: LockedMemory
    /// Nil but on a machine where root has typed the code in.
    private let secretKey: LockedMemory?

    init(publicKey: LockedMemory, secretKey: LockedMemory? = nil) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// What the state directory holds; nil if no recovery key was ever set.
    static func read(in folder: Int32, account: Account) throws(StartupError) -> Recovery? {
        guard let publicKey = try KeyFile.recoveryPublic.read(in: folder, account: account) else { return nil }
        return Recovery(
            publicKey: publicKey, secretKey: try KeyFile.recoverySecret.read(in: folder, account: account))
    }

    /// A new secret key.
    static func make() throws(StartupError) -> LockedMemory {
        try LockedMemory(count: KeyFile.keyLength) { randombytes_buf($0.baseAddress!, $0.count) }
    }

    static func publicKey(of secret: LockedMemory) throws(StartupError) -> LockedMemory {
        try LockedMemory(count: KeyFile.keyLength) { (room) throws(StartupError) in
            let made = secret.withUnsafeBytes { crypto_scalarmult_base(room.octets!, $0.octets!) }
            guard made == 0 else { throw StartupError("the code is of no X25519 key") }
        }
    }

    /// The secret with what it is bound to, for whoever has the code.
    func box(_ secret: Secret, bound binding: SealBinding) -> RecoveryBox? {
        let plain = Bytes(binding.bytes)
        secret.withUnsafeBytes(plain.append)
        var box = [UInt8](repeating: 0, count: plain.count + crypto_box_sealbytes())
        let made = plain.withUnsafeBytes { plain in
            publicKey.withUnsafeBytes { crypto_box_seal(&box, plain.octets!, UInt64(plain.count), $0.octets!) }
        }
        return made == 0 ? RecoveryBox(bytes: box) : nil
    }

    /// The secret in a box; nil if it is of another recovery key, bound to something else, or damaged.
    ///
    /// - Throws: `.policy` where the code was never typed in.
    func open(_ box: RecoveryBox, bound binding: SealBinding, field: String) throws(Refusal) -> Secret? {
        guard let secretKey else {
            throw Refusal(.policy, "can't be opened before root runs aifw-privd --recovery-import", field: field)
        }
        let plain = Bytes(capacity: RecoveryBox.length)
        plain.append(upTo: box.bytes.count - crypto_box_sealbytes()) { room in
            let opened = publicKey.withUnsafeBytes { publicKey in
                secretKey.withUnsafeBytes {
                    crypto_box_seal_open(
                        room.octets!, box.bytes, UInt64(box.bytes.count), publicKey.octets!, $0.octets!)
                }
            }
            return opened == 0 ? room.count : 0
        }
        let bound = binding.bytes
        return plain.withUnsafeBytes { plain in
            guard plain.count == bound.count + SecretKey.length, plain.prefix(bound.count).elementsEqual(bound)
            else { return nil }
            return Secret(Bytes(UnsafeRawBufferPointer(rebasing: plain[bound.count...])))
        }
    }
}
