internal import Wire

extension PublicKey {
    /// A key as it was listed; nil unless it has 32 bytes, or for that of all zeros: no private key has it, so that no peer
    /// under it ever answers, and nobody else takes it for a key.
    init?(listed bytes: some Collection<UInt8>) {
        guard bytes.contains(where: { $0 != 0 }) else { return nil }
        self.init(bytes: bytes)
    }
}
