import Synchronization
import Wire

/// How much every tunnel and every peer has carried since it was made, whatever was restarted meanwhile.
///
/// The kernel counts from 0 each time an interface or a peer is made anew: what it counts is added up here.
final class TrafficLedger: Sendable {
    private struct Account {
        var total = Traffic()
        /// What the kernel's counters last were.
        var counted = Traffic()

        /// Adds what the counters have grown by, and returns it. A counter that is lower than before began anew at 0.
        mutating func book(_ now: Traffic) -> Traffic {
            let growth = Traffic(
                received: now.received >= counted.received ? now.received - counted.received : now.received,
                sent: now.sent >= counted.sent ? now.sent - counted.sent : now.sent)
            counted = now
            total += growth
            return growth
        }
    }

    private struct Accounts {
        var tunnels: [ObjectID: Traffic] = [:]
        var peers: [ObjectID: Account] = [:]
    }
    private let accounts = Mutex(Accounts())

    /// What a tunnel has carried, with peers that are gone; nil for one that was not observed yet.
    func total(ofTunnel tunnel: ObjectID) -> Traffic? { accounts.withLock { $0.tunnels[tunnel] } }

    /// What a peer has carried; nil for one that was not observed yet.
    func total(ofPeer peer: ObjectID) -> Traffic? { accounts.withLock { $0.peers[peer]?.total } }

    /// Books what was observed.
    func book(_ observation: Observation) {
        accounts.withLock { accounts in
            for tunnel in observation.tunnels {
                var growth = Traffic()
                for peer in tunnel.peers {
                    let counters = peer.state.map { Traffic(received: $0.received, sent: $0.sent) } ?? Traffic()
                    growth += accounts.peers[peer.id, default: Account()].book(counters)
                }
                accounts.tunnels[tunnel.record.id, default: Traffic()] += growth
            }
        }
    }
}
