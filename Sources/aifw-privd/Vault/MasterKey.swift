import CSodium
import Daemon
import Wire

/// One master key of the vault: 32 random bytes, and the three keys that are derived from them, each for one job
/// (crypto_kdf of libsodium, so that no key is ever used by two algorithms).
struct MasterKey {
    static let length = 32
    /// Which key a sealed secret is under, without telling anything of it.
    let id: SealingKeyID
    static let idLength = 8

    /// The key of ``Sealing``.
    let sealing: LockedMemory
    /// The key of fingerprints.
    let fingerprints: LockedMemory

    /// The numbers of the derived keys; a number is never given to another job.
    private enum Derived: UInt64 {
        case sealing = 1
        case fingerprints = 2
        case id = 3
    }

    /// - Parameter bytes: ``length`` bytes, which the caller keeps locked and wipes.
    init(_ bytes: UnsafeRawBufferPointer) throws(StartupError) {
        precondition(bytes.count == Self.length, "a master key has 32 bytes")
        sealing = try Self.derive(.sealing, from: bytes)
        fingerprints = try Self.derive(.fingerprints, from: bytes)
        let derived = try Self.derive(.id, from: bytes)
        guard let id = derived.withUnsafeBytes({ SealingKeyID(bytes: $0.prefix(Self.idLength)) }) else {
            throw StartupError("a key's id must have \(Self.idLength) bytes")
        }
        self.id = id
    }

    private static func derive(
        _ number: Derived, from bytes: UnsafeRawBufferPointer
    ) throws(StartupError) -> LockedMemory {
        try LockedMemory(count: 32) { derived in
            // 8 bytes that keep our derived keys apart from those of any other program.
            let context: [CChar] = "aifwvlt1".utf8.map { CChar($0) }
            crypto_kdf_derive_from_key(derived.octets!, derived.count, number.rawValue, context, bytes.octets!)
        }
    }
}
