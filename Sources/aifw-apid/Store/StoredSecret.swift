import Wire

/// A sealed secret, and where it is stored.
struct StoredSecret: Sendable, Equatable {
    let place: Place
    /// The tunnel, peer or association that it belongs to.
    let object: ObjectID
    let secret: SealedSecret

    /// Every column that holds sealed secrets.
    enum Place: CaseIterable, Sendable {
        case tunnelPrivateKey
        case peerPrivateKey
        case peerPresharedKey
        case associationEncryptionKeyIn
        case associationEncryptionKeyOut
        case associationAuthenticationKeyIn
        case associationAuthenticationKeyOut

        var table: String {
            switch self {
            case .tunnelPrivateKey: "tunnel"
            case .peerPrivateKey, .peerPresharedKey: "peer"
            case .associationEncryptionKeyIn, .associationEncryptionKeyOut, .associationAuthenticationKeyIn,
                .associationAuthenticationKeyOut:
                "association"
            }
        }

        var column: String {
            switch self {
            case .tunnelPrivateKey, .peerPrivateKey: "private_key"
            case .peerPresharedKey: "preshared_key"
            case .associationEncryptionKeyIn: "encryption_key_in"
            case .associationEncryptionKeyOut: "encryption_key_out"
            case .associationAuthenticationKeyIn: "authentication_key_in"
            case .associationAuthenticationKeyOut: "authentication_key_out"
            }
        }

        /// The column beside it with the secret's fingerprint; nil for a purpose that has none.
        var fingerprintColumn: String? {
            switch self {
            case .tunnelPrivateKey, .peerPrivateKey: nil
            case .peerPresharedKey: "preshared_fingerprint"
            case .associationEncryptionKeyIn: "encryption_fingerprint_in"
            case .associationEncryptionKeyOut: "encryption_fingerprint_out"
            case .associationAuthenticationKeyIn: "authentication_fingerprint_in"
            case .associationAuthenticationKeyOut: "authentication_fingerprint_out"
            }
        }

        /// What the helper has bound into the seal.
        var secretClass: SecretClass {
            switch self {
            case .tunnelPrivateKey: .device
            case .peerPrivateKey, .peerPresharedKey, .associationEncryptionKeyIn, .associationEncryptionKeyOut,
                .associationAuthenticationKeyIn, .associationAuthenticationKeyOut:
                .client
            }
        }

        /// The same.
        var purpose: SecretPurpose {
            switch self {
            case .tunnelPrivateKey, .peerPrivateKey: .wireguardPrivateKey
            case .peerPresharedKey: .wireguardPresharedKey
            case .associationEncryptionKeyIn: .ipsecEncryptionKeyIn
            case .associationEncryptionKeyOut: .ipsecEncryptionKeyOut
            case .associationAuthenticationKeyIn: .ipsecAuthenticationKeyIn
            case .associationAuthenticationKeyOut: .ipsecAuthenticationKeyOut
            }
        }
    }
}
