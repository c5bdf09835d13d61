import CSodium
import Wire

/// The two keys that are made of a passphrase by Argon2id (RFC 9106): one that the contents are under, one that shows whether
/// the passphrase is right.
///
/// To make them takes as much memory as ``Cost`` says, and about a second: only on ``HashingThreads``.
struct BackupKey: Sendable {
    static let length = Int(crypto_secretstream_xchacha20poly1305_KEYBYTES)
    static let saltLength = Int(crypto_pwhash_argon2id_SALTBYTES)
    static let checkLength = Int(crypto_generichash_BYTES_MIN)

    /// What it takes to try one passphrase; said in the file.
    struct Cost: Sendable, Equatable {
        /// libsodium's for what is kept (MODERATE): three passes over 256 MiB.
        static let standard = Cost(
            passes: UInt32(crypto_pwhash_argon2id_OPSLIMIT_MODERATE),
            kibibytes: UInt32(crypto_pwhash_argon2id_MEMLIMIT_MODERATE) / 1024)
        /// The most that a file may ask for.
        static let most = Cost(passes: 8, kibibytes: 512 << 10)
        private static let least = Cost(
            passes: UInt32(crypto_pwhash_argon2id_OPSLIMIT_MIN),
            kibibytes: UInt32(crypto_pwhash_argon2id_MEMLIMIT_MIN) / 1024)

        let passes: UInt32
        let kibibytes: UInt32

        var isTaken: Bool {
            (Self.least.passes...Self.most.passes).contains(passes)
                && (Self.least.kibibytes...Self.most.kibibytes).contains(kibibytes)
        }
    }

    /// Both, one behind the other.
    private let bytes: Bytes

    init(_ passphrase: BackupPassphrase, salt: [UInt8], cost: Cost) throws(BackupError) {
        guard Self.isReady, cost.isTaken, salt.count == Self.saltLength else { throw .cost }
        let length = 2 * Self.length
        let bytes = Bytes(capacity: length)
        bytes.append(upTo: length) { room in
            let status = passphrase.bytes.withUnsafeBytes { text in
                crypto_pwhash_argon2id(
                    room.baseAddress!.assumingMemoryBound(to: UInt8.self), UInt64(length),
                    text.baseAddress!.assumingMemoryBound(to: CChar.self), UInt64(text.count), salt,
                    UInt64(cost.passes), Int(cost.kibibytes) * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13)
            }
            return status == 0 ? length : 0
        }
        guard bytes.count == length else { throw .noMemory }
        self.bytes = bytes
    }

    /// For as long as `body` runs, the key of the contents.
    func withStreamKey<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBytes { body($0.baseAddress!.assumingMemoryBound(to: UInt8.self)) }
    }

    /// What shows that the passphrase is right, and what stands in the head is what was written there: a keyed BLAKE2b.
    func check(of head: [UInt8]) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: Self.checkLength)
        bytes.withUnsafeBytes { both in
            let key = both.baseAddress!.advanced(by: Self.length).assumingMemoryBound(to: UInt8.self)
            // It fails only for lengths that it does not have.
            crypto_generichash(&hash, hash.count, head, UInt64(head.count), key, Self.length)
        }
        return hash
    }

    // The library picks the fastest code for this processor the first time.
    private static let isReady = sodium_init() >= 0
}
