import Wire

/// The first half of a secret: tells secrets apart for a test, no more.
func plainFingerprint(_ secret: UnsafeRawBufferPointer) -> SecretFingerprint {
    guard let fingerprint = SecretFingerprint(bytes: secret.prefix(16)) else {
        preconditionFailure("a secret has 32 bytes")
    }
    return fingerprint
}
