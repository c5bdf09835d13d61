/// What a security association does to packets: its algorithms with their keys, be they sealed or fingerprints.
///
/// Members: `encryption`, `encryption_key`, `authentication`, `authentication_key`. No combination that makes no sense can
/// be read or made: an AEAD with an HMAC on top, a cipher without one.
public enum Transform<Key: TextValue>: Sendable, Equatable {
    /// ESP with a cipher that authenticates itself.
    case aead(EncryptionAlgorithm, Key)
    /// ESP with a cipher and an HMAC.
    case cipher(EncryptionAlgorithm, Key, AuthenticationAlgorithm, Key)
    /// AH.
    case authentication(AuthenticationAlgorithm, Key)

    public var securityProtocol: IPsecProtocol {
        switch self {
        case .aead, .cipher: .esp
        case .authentication: .ah
        }
    }

    /// - Throws: also if there is no transform, or half of one.
    public init(reader: inout MemberReader) throws(Refusal) {
        let encryption: EncryptionAlgorithm? = try reader.optional("encryption")
        let encryptionKey: Key? = try reader.optional("encryption_key")
        let authentication: AuthenticationAlgorithm? = try reader.optional("authentication")
        let authenticationKey: Key? = try reader.optional("authentication_key")
        guard (encryption == nil) == (encryptionKey == nil) else {
            throw Refusal(.malformed, "goes with encryption", field: reader.path("encryption_key"))
        }
        guard (authentication == nil) == (authenticationKey == nil) else {
            throw Refusal(.malformed, "goes with authentication", field: reader.path("authentication_key"))
        }
        switch (encryption, encryptionKey, authentication, authenticationKey) {
        case (let cipher?, let key?, nil, _) where cipher.isAuthenticated: self = .aead(cipher, key)
        case (let cipher?, let key?, let hash?, let hashKey?) where !cipher.isAuthenticated:
            self = .cipher(cipher, key, hash, hashKey)
        case (nil, _, let hash?, let hashKey?): self = .authentication(hash, hashKey)
        default:
            throw Refusal(
                .malformed, "must be there for a cipher that does not authenticate itself, and for no other",
                field: reader.path("authentication"))
        }
    }

    public func add(to writer: inout MemberWriter) {
        switch self {
        case .aead(let cipher, let key):
            writer.add("encryption", cipher)
            writer.add("encryption_key", key)
        case .cipher(let cipher, let key, let hash, let hashKey):
            writer.add("encryption", cipher)
            writer.add("encryption_key", key)
            writer.add("authentication", hash)
            writer.add("authentication_key", hashKey)
        case .authentication(let hash, let key):
            writer.add("authentication", hash)
            writer.add("authentication_key", key)
        }
    }

    public var encryptionKey: Key? {
        switch self {
        case .aead(_, let key), .cipher(_, let key, _, _): key
        case .authentication: nil
        }
    }

    public var authenticationKey: Key? {
        switch self {
        case .authentication(_, let key), .cipher(_, _, _, let key): key
        case .aead: nil
        }
    }

    /// The same algorithms with other keys in the place of these; nil if one is missing.
    public func replacingKeys<Other>(encryption: Other?, authentication: Other?) -> Transform<Other>? {
        switch (self, encryption, authentication) {
        case (.aead(let cipher, _), let key?, _): .aead(cipher, key)
        case (.cipher(let cipher, _, let hash, _), let key?, let hashKey?): .cipher(cipher, key, hash, hashKey)
        case (.authentication(let hash, _), _, let key?): .authentication(hash, key)
        default: nil
        }
    }

    /// How many bytes its keys have; nil where it has none.
    public var keyLengths: (encryption: Int?, authentication: Int?) {
        switch self {
        case .aead(let cipher, _): (cipher.keyLength, nil)
        case .cipher(let cipher, _, let hash, _): (cipher.keyLength, hash.keyLength)
        case .authentication(let hash, _): (nil, hash.keyLength)
        }
    }
}
