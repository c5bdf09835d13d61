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

extension AssociationKeys {
    subscript(slot: AssociationKeySlot) -> SealedSymmetricKey? {
        get {
            switch slot {
            case .encryptionIn: encryptionIn
            case .encryptionOut: encryptionOut
            case .authenticationIn: authenticationIn
            case .authenticationOut: authenticationOut
            }
        }
        set {
            switch slot {
            case .encryptionIn: encryptionIn = newValue
            case .encryptionOut: encryptionOut = newValue
            case .authenticationIn: authenticationIn = newValue
            case .authenticationOut: authenticationOut = newValue
            }
        }
    }
}

extension AssociationRecord {
    /// How many bytes a key of it has; nil where its algorithms need none.
    func keyLength(of slot: AssociationKeySlot) -> Int? { slot.length(protection, encryption, authentication) }
}
