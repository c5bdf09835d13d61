import CSodium
import Glibc
import Synchronization
import Wire

/// Seals the seeds of one-time passwords under a key of the API daemon's own, so that a copy of the database alone has none.
///
/// The key is 32 random bytes in a file beside the database (mode 0600), made when the first seed is sealed. A sealed seed
/// is a version, a nonce and XChaCha20-Poly1305-IETF's ciphertext with its tag, bound to its user.
final class SeedVault: Sendable {
    /// Why a seed could not be sealed or opened, in words for the log.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let version: UInt8 = 1
    private static let keyLength = Int(crypto_aead_xchacha20poly1305_ietf_KEYBYTES)
    private static let nonceLength = Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    private static let tagLength = Int(crypto_aead_xchacha20poly1305_ietf_ABYTES)
    private static let overhead = 1 + nonceLength + tagLength

    private let path: String
    private let known = Mutex<Secret?>(nil)

    /// - Parameter folder: where the database is.
    init(folder: String) { path = folder + "totp.key" }

    func seal(_ seed: Secret, for user: ObjectID) throws(Failure) -> [UInt8] {
        let key = try key(making: true)
        var nonce = [UInt8](repeating: 0, count: Self.nonceLength)
        randombytes_buf(&nonce, nonce.count)
        var ciphertext = [UInt8](repeating: 0, count: seed.count + Self.tagLength)
        let binding = [Self.version] + user.bytes
        let status = seed.withUnsafeBytes { plain in
            key.withUnsafeBytes { key in
                crypto_aead_xchacha20poly1305_ietf_encrypt(
                    &ciphertext, nil, Self.octets(plain), UInt64(plain.count), binding, UInt64(binding.count), nil,
                    nonce, Self.octets(key))
            }
        }
        guard status == 0 else { throw Failure(description: "a seed could not be sealed") }
        return [Self.version] + nonce + ciphertext
    }

    func open(_ sealed: [UInt8], for user: ObjectID) throws(Failure) -> OneTimePassword {
        let key = try key(making: false)
        let length = sealed.count - Self.overhead
        guard length == OneTimePassword.seedLength, sealed[0] == Self.version else {
            throw Failure(description: "the seed of user \(user) is damaged")
        }
        let nonce = Array(sealed[1...Self.nonceLength])
        let ciphertext = Array(sealed[(1 + Self.nonceLength)...])
        let binding = [Self.version] + user.bytes
        let seed = Bytes(capacity: length)
        seed.append(upTo: length) { room in
            let opened = key.withUnsafeBytes { key in
                crypto_aead_xchacha20poly1305_ietf_decrypt(
                    room.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil, ciphertext,
                    UInt64(ciphertext.count), binding, UInt64(binding.count), nonce, Self.octets(key))
            }
            return opened == 0 ? length : 0
        }
        guard let password = Secret(seed).flatMap(OneTimePassword.init) else {
            throw Failure(description: "the seed of user \(user) does not open under \(path)")
        }
        return password
    }

    // MARK: The key's file

    private func key(making: Bool) throws(Failure) -> Secret {
        try known.withLock { (known) throws(Failure) in
            if let known { return known }
            let key: Secret
            if let there = try read() {
                key = there
            } else {
                guard making else {
                    throw Failure(description: "\(path) is missing: no one-time password can be checked")
                }
                key = try make()
            }
            known = key
            return key
        }
    }

    /// Nil if there is no file; one of another account's, or of another length, is refused.
    private func read() throws(Failure) -> Secret? {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("can't be read", errno)
        }
        defer { close(file) }
        // As of the database: whatever mode it came back with from a backup.
        guard fchmod(file, 0o600) == 0 else { throw failure("can't be made its owner's alone", errno) }
        let bytes = Bytes(capacity: Self.keyLength + 1)
        bytes.append(upTo: Self.keyLength + 1) { room in max(Glibc.read(file, room.baseAddress, room.count), 0) }
        guard bytes.count == Self.keyLength, let key = Secret(bytes) else {
            throw Failure(description: "\(path) must be \(Self.keyLength) bytes long")
        }
        return key
    }

    /// Written beside its place under another name, synced, then renamed: it is there whole or not at all.
    private func make() throws(Failure) -> Secret {
        let bytes = Bytes(capacity: Self.keyLength)
        bytes.append(upTo: Self.keyLength) { room in
            randombytes_buf(room.baseAddress!, room.count)
            return room.count
        }
        let temporary = path + ".new"
        unlink(temporary)
        let file = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("can't be made", errno) }
        defer { close(file) }
        let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard written == bytes.count, fchmod(file, 0o600) == 0, fsync(file) == 0, rename(temporary, path) == 0 else {
            let reason = errno
            unlink(temporary)
            throw failure("can't be written", reason)
        }
        guard let key = Secret(bytes) else { throw failure("can't be used", 0) }
        return key
    }

    private func failure(_ what: String, _ reason: Int32) -> Failure {
        Failure(description: "\(path) \(what) (errno \(reason))")
    }

    private static func octets(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<UInt8> {
        bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
    }
}
