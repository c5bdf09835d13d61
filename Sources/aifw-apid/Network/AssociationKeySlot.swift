import Wire

/// The four keys that an association can have, seen from this host.
enum AssociationKeySlot: Sendable, CaseIterable, Hashable {
    case encryptionIn
    case encryptionOut
    case authenticationIn
    case authenticationOut

    /// What the helper has bound into the seal.
    var purpose: SecretPurpose {
        switch self {
        case .encryptionIn: .ipsecEncryptionKeyIn
        case .encryptionOut: .ipsecEncryptionKeyOut
        case .authenticationIn: .ipsecAuthenticationKeyIn
        case .authenticationOut: .ipsecAuthenticationKeyOut
        }
    }

    var direction: TrafficDirection {
        switch self {
        case .encryptionIn, .authenticationIn: .in
        case .encryptionOut, .authenticationOut: .out
        }
    }

    /// How many bytes the key has; nil where the algorithms need none.
    func length(
        _ protection: IPsecProtection, _ encryption: EncryptionAlgorithm, _ authentication: AuthenticationAlgorithm
    ) -> Int? {
        switch self {
        case .encryptionIn, .encryptionOut: protection.needsEncryption ? encryption.keyLength : nil
        case .authenticationIn, .authenticationOut:
            protection.needsAuthentication(with: encryption) ? authentication.keyLength : nil
        }
    }
}
