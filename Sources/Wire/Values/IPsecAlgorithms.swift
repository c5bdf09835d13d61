/// How ESP encrypts.
public enum EncryptionAlgorithm: String, WordValue, Equatable {
    /// AES in GCM with a tag of 16 bytes (RFC 4106).
    case aes256GCM = "aes-256-gcm"
    case aes128GCM = "aes-128-gcm"
    /// ChaCha20 and Poly1305 (RFC 7634).
    case chacha20Poly1305 = "chacha20-poly1305"
    /// AES in CBC (RFC 3602), which needs an ``AuthenticationAlgorithm`` beside it.
    case aes256CBC = "aes-256-cbc"

    /// The bytes of its key: for the first three with the salt of 4 bytes at the end.
    public var keyLength: Int {
        switch self {
        case .aes256GCM, .chacha20Poly1305: 36
        case .aes128GCM: 20
        case .aes256CBC: 32
        }
    }

    /// Whether it authenticates as well (AEAD), so that nothing is put on it.
    public var isAuthenticated: Bool {
        switch self {
        case .aes256GCM, .aes128GCM, .chacha20Poly1305: true
        case .aes256CBC: false
        }
    }
}

/// How AH, and ESP with a cipher that does not do so itself, authenticate (RFC 4868).
public enum AuthenticationAlgorithm: String, WordValue, Equatable {
    case hmacSHA256 = "hmac-sha256"
    case hmacSHA384 = "hmac-sha384"
    case hmacSHA512 = "hmac-sha512"

    /// The bytes of its key, as many as of its hash (RFC 4868, section 2.1.1).
    public var keyLength: Int {
        switch self {
        case .hmacSHA256: 32
        case .hmacSHA384: 48
        case .hmacSHA512: 64
        }
    }

    /// The bits of the hash that are sent: half of it (RFC 4868, section 2.6).
    public var sentBits: UInt32 { UInt32(keyLength * 4) }
}
