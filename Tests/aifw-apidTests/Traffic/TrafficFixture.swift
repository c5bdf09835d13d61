import Logging
import Synchronization
import Testing
import Wire

@testable import aifw_apid

/// A store with a tunnel and peers, and a ledger over it that observes what a test says.
final class TrafficFixture: Sendable {
    let store: StoreFixture
    let tunnel: TunnelRecord
    let peers: [PeerRecord]
    private let planes: Mutex<[ControlPlane]>
    /// What stands for the clock that readings are told apart by; it goes with the store's.
    private let start = ContinuousClock.now
    private let began: Timestamp

    init(peers names: [String] = ["laptop"]) async throws {
        store = try StoreFixture()
        began = store.clock.now
        let tunnel = try await store.tunnel()
        self.tunnel = tunnel
        var peers: [PeerRecord] = []
        for name in names { peers.append(try await store.peer(name, of: tunnel)) }
        self.peers = peers
        planes = Mutex([Self.plane(store.store)])
        try await ledger.load(from: store.store, boot: "first")
    }

    private static func plane(_ store: Store) -> ControlPlane {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        return ControlPlane(store: store, helperSocket: "/nonexistent/privd.sock", logger: logger)
    }

    var plane: ControlPlane { planes.withLock { $0[$0.count - 1] } }
    var ledger: TrafficLedger { plane.ledger }
    var keeper: TrafficKeeper { TrafficKeeper(plane: plane) }

    /// As after the end of the process, at whatever instruction: only what is on the disk is known.
    func restart(boot: String = "first") async throws {
        let plane = Self.plane(store.store)
        planes.withLock { $0.append(plane) }
        try await ledger.load(from: store.store, boot: boot)
    }

    func pass(seconds: Int64) { store.clock.advance(milliseconds: seconds * 1000) }

    /// The moment that it is now.
    var instant: ContinuousClock.Instant {
        start + .milliseconds(store.clock.now.milliseconds - began.milliseconds)
    }

    /// Counters of the peers in their order; nil for one that the kernel does not have.
    func actual(
        _ counters: [(UInt64, UInt64)?], of present: [PeerRecord]? = nil, interface: UInt32 = 7,
        began: ContinuousClock.Instant? = nil
    ) -> ActualTunnel {
        let states = zip(present ?? peers, counters).compactMap { peer, counters in
            counters.map { received, sent in
                PeerState(
                    publicKey: peer.publicKey, presharedKey: nil, endpoint: nil, allowedIPs: [],
                    keepalive: Keepalive(validated: 0), latestHandshake: 0, received: received, sent: sent)
            }
        }
        return ActualTunnel(
            state: TunnelState(
                index: UInt64(interface), isUp: true, mtu: 1420, addresses: [], publicKey: nil,
                listenPort: nil, mark: FirewallMark(validated: 0)),
            peers: states,
            reading: CounterReading(interface: interface, began: began ?? instant, ended: began ?? instant))
    }

    /// What is observed: those counters, or no interface.
    func observation(
        _ counters: [(UInt64, UInt64)?]?, of present: [PeerRecord]? = nil, interface: UInt32 = 7,
        began: ContinuousClock.Instant? = nil
    ) -> Observation {
        let actual = counters.map { self.actual($0, of: present, interface: interface, began: began) }
        let found = Dictionary(uniqueKeysWithValues: (actual?.peers ?? []).map { ($0.publicKey, $0) })
        let observed = (present ?? peers).map { peer in
            ObservedPeer(
                id: peer.id, name: peer.name, publicKey: peer.publicKey, condition: .never,
                state: found[peer.publicKey])
        }
        return Observation(
            time: store.clock.now,
            tunnels: [
                ObservedTunnel(
                    record: tunnel, status: actual == nil ? .down : .up, peers: observed, reading: actual?.reading)
            ],
            associations: [])
    }

    /// Lets five seconds pass and observes.
    func observe(_ counters: [(UInt64, UInt64)?]?, of present: [PeerRecord]? = nil, interface: UInt32 = 7) {
        pass(seconds: 5)
        ledger.book(observation(counters, of: present, interface: interface), at: instant)
    }

    /// Total of the tunnel, then those of the peers, received only: in these tests, twice as much is sent.
    var received: [UInt64?] {
        [ledger.total(ofTunnel: tunnel.id)?.received]
            + peers.map { ledger.total(ofPeer: $0.id, in: tunnel.id)?.received }
    }

    /// What the history shows of what was received, from its first slot on that is not null.
    func history(_ range: TrafficRange, of peer: PeerRecord? = nil) async throws -> [UInt64?] {
        let history = try await TrafficHistories(plane: plane).history(of: tunnel.id, peer?.id, range)
        #expect(history.amounts.count == Int(range.count))
        #expect(history.amounts.allSatisfy { $0.map { $0.sent == $0.received * 2 } ?? true })
        return Array(history.amounts.map { $0?.received }.drop { $0 == nil })
    }
}

extension [(UInt64, UInt64)?] {
    /// Counters where twice as much is sent as received.
    static func counted(_ received: UInt64?...) -> Self { received.map { $0.map { ($0, $0 * 2) } } }
}
