import Wire

/// A key that both ends have, as it is kept: of class `client`, with what it is recognised by in the kernel's state.
struct SealedSymmetricKey: Sendable, Equatable {
    let secret: SealedSecret
    let fingerprint: SecretFingerprint
}
