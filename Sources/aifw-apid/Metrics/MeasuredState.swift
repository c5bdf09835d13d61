import Wire

/// What is kept of an observation until the next one, for whoever asks for metrics: counts, every tunnel, and some peers.
struct MeasuredState: Sendable {
    /// The most peers that have series of their own.
    static let peerLimit = 1000

    struct Tunnel: Sendable {
        let id: ObjectID
        let name: ObjectName
        let interface: TunnelInterface
        /// Seconds since 1970, of the youngest; 0 if there has been none.
        let latestHandshake: UInt64
    }

    struct Peer: Sendable {
        let id: ObjectID
        let tunnel: ObjectID
        let name: ObjectName
        let interface: TunnelInterface
        /// Seconds since 1970; 0 if there has been none.
        let latestHandshake: UInt64
    }

    private(set) var tunnels: [Tunnel] = []
    /// The first, in the order of tunnels and then of their creation.
    private(set) var peers: [Peer] = []
    /// How many peers are not in ``peers``.
    private(set) var peersLeftOut = 0
    /// How many there are, by the words of their states.
    private(set) var tunnelCounts = Self.none("up", "down", "error")
    private(set) var associationCounts = Self.none("up", "down", "error")
    private(set) var peerCounts = Self.none("never", "online", "stale", "disabled", "expired")

    init(_ observation: Observation) {
        for tunnel in observation.tunnels {
            let (id, name, interface) = (tunnel.record.id, tunnel.record.name, tunnel.record.interface)
            tunnelCounts[tunnel.status.word, default: 0] += 1
            var youngest: UInt64 = 0
            for peer in tunnel.peers {
                let handshake = peer.state?.latestHandshake ?? 0
                youngest = max(youngest, handshake)
                peerCounts[peer.condition.rawValue, default: 0] += 1
                if peers.count < Self.peerLimit {
                    peers.append(
                        Peer(
                            id: peer.id, tunnel: id, name: peer.name, interface: interface, latestHandshake: handshake))
                } else {
                    peersLeftOut += 1
                }
            }
            tunnels.append(Tunnel(id: id, name: name, interface: interface, latestHandshake: youngest))
        }
        for association in observation.associations { associationCounts[association.status.word, default: 0] += 1 }
    }

    /// Nobody in any of these states: that a state has a series does not hang on somebody being in it.
    private static func none(_ states: String...) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: states.map { ($0, 0) })
    }
}
