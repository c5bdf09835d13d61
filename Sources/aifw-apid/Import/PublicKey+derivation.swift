import CSodium
import Wire

extension PublicKey {
    /// The public key of a private one that was given (X25519; RFC 7748, section 6.1), so that what is wrong with a file is
    /// known before the helper seals anything. Nil only if libsodium fails.
    init?(of key: SecretKey) {
        var bytes = [UInt8](repeating: 0, count: 32)
        let status: Int32 = key.withUnsafeBytes { secret in
            guard let secret = secret.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return -1 }
            return crypto_scalarmult_base(&bytes, secret)
        }
        guard status == 0 else { return nil }
        self.init(bytes: bytes)
    }
}
