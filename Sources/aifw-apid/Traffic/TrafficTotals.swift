import Wire

/// Totals on their way into the store: so much of each tunnel that it is right together with the peers beside it.
struct TrafficTotals: Sendable {
    struct Peer: Sendable {
        let id: ObjectID
        /// With what of its total is new to the store.
        let account: PeerAccount
    }

    struct Tunnel: Sendable {
        let id: ObjectID
        let total: Traffic
        let nextNumber: UInt32
        let peers: [Peer]
    }

    var tunnels: [Tunnel] = []
}

/// What the store knows of all traffic at the start.
struct StoredTraffic: Sendable {
    var tunnels: [ObjectID: TunnelAccount] = [:]
    /// The number of the last write of slots.
    var write: Int64 = 0
}
