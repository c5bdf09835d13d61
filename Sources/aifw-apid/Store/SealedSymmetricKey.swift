import Wire

/// A key that both ends have, as it is kept: of class `client`, with what it is recognised by in the kernel's state.
struct SealedSymmetricKey: Sendable, Equatable {
    let secret: SealedSecret
    let fingerprint: SecretFingerprint
}

extension SealedSymmetricKey {
    /// From two columns; nil where they are empty.
    init?(row: inout RowReader) throws {
        let secret = try row.optionalBytes(SealedSecret.init(bytes:))
        let fingerprint = try row.optionalBytes(SecretFingerprint.init(bytes:))
        guard let secret, let fingerprint else { return nil }
        self.init(secret: secret, fingerprint: fingerprint)
    }
}
