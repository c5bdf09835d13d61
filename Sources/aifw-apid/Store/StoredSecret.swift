import Wire

/// A sealed secret, and where it is stored.
struct StoredSecret: Sendable, Equatable {
    let place: Place
    /// The tunnel or peer that it belongs to.
    let object: ObjectID
    let secret: SealedSecret

    /// Every column that holds sealed secrets.
    enum Place: CaseIterable, Sendable {
        case tunnelPrivateKey
        case peerPrivateKey
        case peerPresharedKey

        var table: String {
            switch self {
            case .tunnelPrivateKey: "tunnel"
            case .peerPrivateKey, .peerPresharedKey: "peer"
            }
        }

        var column: String {
            switch self {
            case .tunnelPrivateKey, .peerPrivateKey: "private_key"
            case .peerPresharedKey: "preshared_key"
            }
        }

        /// What the helper has bound into the seal.
        var secretClass: SecretClass {
            switch self {
            case .tunnelPrivateKey: .device
            case .peerPrivateKey, .peerPresharedKey: .client
            }
        }

        /// The same.
        var purpose: SecretPurpose {
            switch self {
            case .tunnelPrivateKey, .peerPrivateKey: .wireguardPrivateKey
            case .peerPresharedKey: .wireguardPresharedKey
            }
        }
    }
}
