internal import CSodium
internal import Wire

extension PublicKey {
    /// The public key of a WireGuard private key (Curve25519, RFC 7748); nil for a key that has none.
    init?(of key: SecretKey) {
        var bytes = [UInt8](repeating: 0, count: 32)
        let made = key.withUnsafeBytes { secret -> Bool in
            guard let scalar = secret.assumingMemoryBound(to: UInt8.self).baseAddress else { return false }
            return crypto_scalarmult_base(&bytes, scalar) == 0
        }
        guard made else { return nil }
        self.init(bytes: bytes)
    }
}
