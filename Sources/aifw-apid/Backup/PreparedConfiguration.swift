import Wire

/// What a backup holds, its secrets sealed by this host's helper and ready to be stored.
struct PreparedConfiguration: Sendable {
    var tunnels: [Tunnel] = []
    var peers: [PeerRecord] = []
    var associations: [AssociationRecord] = []
    var tokens: [TokenRecord] = []
    var users: [User] = []
    var webhooks: [Webhook] = []

    /// A tunnel, and what becomes of its private key.
    struct Tunnel: Sendable {
        let record: TunnelRecord
        let key: Key

        enum Key: Sendable {
            /// The backup's.
            case kept(SealedSecret)
            /// The backup's, which is here only as long as the tunnel itself is: nothing else opens on this machine.
            case own
            /// A new one, for the backup's can't be had.
            case made(SealedSecret, PublicKey)
        }
    }

    /// A user with the seed of his one-time passwords, sealed anew in the record.
    struct User: Sendable {
        let record: UserRecord
        let seed: Secret?
    }

    /// A webhook with what signs its deliveries, sealed anew in the record.
    struct Webhook: Sendable {
        let record: WebhookRecord
        let secret: WebhookSecret
    }

    /// The tunnels that get new keys.
    var renewed: [TunnelRecord] {
        tunnels.compactMap { tunnel in
            if case .made = tunnel.key { tunnel.record } else { nil }
        }
    }
}
