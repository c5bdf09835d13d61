import Synchronization
import Wire

/// Everything that is measured, ready to be read: what was recorded, and what was observed last.
///
/// To read it costs the helper nothing: it shows the last observation. An old one, or one after which another has failed,
/// is not shown at all, for nothing is shown that was not read.
final class Monitoring: Sendable {
    /// How long an observation is good for where the next one hangs: six of the observer's periods.
    static let patience = Duration.seconds(30)

    private struct Known {
        let state: MeasuredState
        let since: ContinuousClock.Instant
    }

    private let registry: MetricsRegistry
    private let ledger: TrafficLedger
    private let started = Timestamp.now
    private let known = Mutex<Known?>(nil)

    init(registry: MetricsRegistry = MetricsRegistry(), ledger: TrafficLedger = TrafficLedger()) {
        self.registry = registry
        self.ledger = ledger
    }

    /// Takes an observation; what it says of traffic must be booked already.
    func take(_ observation: Observation, at time: ContinuousClock.Instant = .now) {
        let state = MeasuredState(observation)
        known.withLock { $0 = Known(state: state, since: time) }
    }

    /// Forgets what was observed: the helper could not be asked again.
    func forget() { known.withLock { $0 = nil } }

    /// All of it as text.
    ///
    /// - Parameters:
    ///   - hasPeers: whether peers have series of their own.
    ///   - backlog: how many writes wait.
    func text(hasPeers: Bool, backlog: Int, at time: ContinuousClock.Instant = .now) -> String {
        var exposition = Exposition()
        exposition.add(.build, [(MetricLabels([("version", Apid.version)]), 1)])
        let state = known.withLock { known -> MeasuredState? in
            guard let known, time - known.since <= Self.patience else { return nil }
            return known.state
        }
        exposition.add(.helperUp, state == nil ? 0 : 1)
        if let state {
            expose(state, to: &exposition)
            if hasPeers { exposePeers(state, to: &exposition) }
        }
        exposition.add(.queue, backlog)
        registry.expose(to: &exposition)
        exposition.add(.startTime, Double(started.milliseconds) / 1000)
        if let process = ProcessFigures() {
            exposition.add(.processorTime, process.seconds)
            exposition.add(.residentMemory, process.residentBytes)
            exposition.add(.openFiles, process.openFiles)
        }
        return exposition.text
    }

    // MARK: What was observed

    private func expose(_ state: MeasuredState, to exposition: inout Exposition) {
        exposition.add(.tunnels, Self.series("status", state.tunnelCounts))
        exposition.add(.associations, Self.series("status", state.associationCounts))
        exposition.add(.peers, Self.series("state", state.peerCounts))
        let tunnels = state.tunnels.map { tunnel in
            let id = [("interface", tunnel.interface.description), ("tunnel", tunnel.id.description)]
            return (id: id, labels: MetricLabels(id), tunnel: tunnel)
        }
        exposition.add(
            .tunnelInfo, tunnels.map { (MetricLabels($0.id + [("name", $0.tunnel.name.description)]), 1) })
        let traffic = tunnels.map { ($0.labels, ledger.total(ofTunnel: $0.tunnel.id) ?? Traffic()) }
        exposition.add(.received, traffic.map { ($0, $1.received) })
        exposition.add(.sent, traffic.map { ($0, $1.sent) })
        exposition.add(
            .handshake,
            tunnels.filter { $0.tunnel.latestHandshake > 0 }.map { ($0.labels, $0.tunnel.latestHandshake) })
    }

    private func exposePeers(_ state: MeasuredState, to exposition: inout Exposition) {
        exposition.add(.peersLeftOut, state.peersLeftOut)
        let peers = state.peers.map { peer in
            let id = [("interface", peer.interface.description), ("peer", peer.id.description)]
            return (id: id, labels: MetricLabels(id), peer: peer)
        }
        exposition.add(.peerInfo, peers.map { (MetricLabels($0.id + [("name", $0.peer.name.description)]), 1) })
        let traffic = peers.map { ($0.labels, ledger.total(ofPeer: $0.peer.id, in: $0.peer.tunnel) ?? Traffic()) }
        exposition.add(.peerReceived, traffic.map { ($0, $1.received) })
        exposition.add(.peerSent, traffic.map { ($0, $1.sent) })
        exposition.add(
            .peerHandshake, peers.filter { $0.peer.latestHandshake > 0 }.map { ($0.labels, $0.peer.latestHandshake) })
    }

    private static func series(_ label: String, _ counts: [String: Int64]) -> [(labels: MetricLabels, value: Int64)] {
        counts.sorted { $0.key < $1.key }.map { (MetricLabels([(label, $0.key)]), $0.value) }
    }
}
