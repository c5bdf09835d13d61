import Wire

/// What was last observed, and told: a value that each observation is held against.
///
/// The first observation is where it begins; nothing is told of it. What is new later counts as down, or as without a
/// handshake, before it was seen.
struct ObservedChanges {
    /// How long a peer's next handshake waits to be told, in milliseconds; another state does not wait.
    static let pause: Int64 = 10_000
    /// How many peers one event tells of.
    static let peersAtOnce = 500

    private struct Status: Equatable {
        let word: String
        let detail: String?
    }

    private struct Seen {
        var condition: PeerCondition
        /// The handshake that was told last, or need not be told.
        var handshake: UInt64
        var toldAt: Timestamp
        var round: UInt64
    }

    private var round: UInt64 = 0
    private var statuses: [ObjectID: Status] = [:]
    private var peers: [ObjectID: Seen] = [:]

    /// Takes note of an observation, and returns how it differs.
    mutating func take(_ observation: Observation) -> [ObservedEvent] {
        round += 1
        var events: [ObservedEvent] = []
        var statuses: [ObjectID: Status] = [:]
        func note(_ object: AuditObject, _ word: String, _ detail: String?) {
            let status = Status(word: word, detail: detail)
            statuses[object.id] = status
            let before = self.statuses[object.id] ?? Status(word: "down", detail: nil)
            if round > 1, status != before { events.append(.status(of: object, word: word, detail: detail)) }
        }
        for tunnel in observation.tunnels {
            let object = AuditObject(kind: .tunnel, id: tunnel.record.id, name: tunnel.record.name)
            note(object, tunnel.status.word, tunnel.status.detail)
        }
        for association in observation.associations {
            let object = AuditObject(kind: .association, id: association.record.id, name: association.record.name)
            note(object, association.status.word, association.status.detail)
        }
        self.statuses = statuses
        for tunnel in observation.tunnels { events += handshakes(of: tunnel, at: observation.time) }
        let count = observation.tunnels.reduce(0) { $0 + $1.peers.count }
        if peers.count > count { peers = peers.filter { $0.value.round == round } }
        return events
    }

    private mutating func handshakes(of tunnel: ObservedTunnel, at time: Timestamp) -> [ObservedEvent] {
        var told: [ObservedEvent.Peer] = []
        for peer in tunnel.peers where note(peer, at: time) {
            told.append(
                ObservedEvent.Peer(
                    id: peer.id, name: peer.name, condition: peer.condition,
                    latestHandshake: peer.state?.latestHandshake ?? 0))
        }
        return stride(from: 0, to: told.count, by: Self.peersAtOnce).map { start in
            let peers = Array(told[start..<min(start + Self.peersAtOnce, told.count)])
            return .handshake(tunnel: tunnel.record.id, name: tunnel.record.name, peers: peers)
        }
    }

    /// Takes note of a peer; returns whether there is something to be told of it.
    private mutating func note(_ peer: ObservedPeer, at time: Timestamp) -> Bool {
        let handshake = peer.state?.latestHandshake ?? 0
        guard var seen = peers[peer.id] else {
            let isTold = round > 1 && handshake > 0
            let toldAt = isTold ? time : Timestamp(milliseconds: 0)
            peers[peer.id] = Seen(condition: peer.condition, handshake: handshake, toldAt: toldAt, round: round)
            return isTold
        }
        seen.round = round
        // Negative where the clock was set back meanwhile.
        let since = time.milliseconds - seen.toldAt.milliseconds
        let isDue = since >= Self.pause || since < 0
        let isTold = seen.condition != peer.condition || (handshake > 0 && handshake != seen.handshake && isDue)
        if isTold {
            (seen.condition, seen.handshake, seen.toldAt) = (peer.condition, handshake, time)
        }
        peers[peer.id] = seen
        return isTold
    }
}
