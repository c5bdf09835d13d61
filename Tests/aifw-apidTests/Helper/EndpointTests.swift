import Dispatch
import Logging
import Synchronization
import Testing
import Wire

@testable import aifw_apid

/// Peers whose endpoint is a host name, and what the kernel is told of them. The kernel is a stand-in here, and the DNS as well.
@Suite struct `Endpoints by name` {
    /// What each name stands for.
    private final class Zone: Sendable {
        let addresses = Mutex<[String: [IPAddress]]>([:])

        func resolve(_ name: HostName) throws(NameResolution.Fault) -> [IPAddress] {
            guard let found = addresses.withLock({ $0[name.description] }) else {
                throw NameResolution.Fault(description: "no such name")
            }
            return found
        }
    }

    private let fixture: StoreFixture
    private let helper: HelperStandIn
    private let plane: ControlPlane
    private let zone = Zone()

    init() throws {
        fixture = try StoreFixture()
        helper = HelperStandIn(path: fixture.folder + "/privd.sock")
        try helper.start()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        plane = ControlPlane(
            store: fixture.store, helperSocket: helper.path, logger: logger,
            names: EndpointNames(pause: .zero, resolve: zone.resolve))
    }

    private func set(_ name: String, _ addresses: String...) throws {
        let found = try addresses.map { try IPAddress($0) }
        zone.addresses.withLock { $0[name] = found }
    }

    /// A started tunnel with a peer for each endpoint.
    private func tunnel(_ endpoints: [String]) async throws -> (TunnelRecord, [PeerRecord]) {
        let tunnel = try await fixture.tunnel()
        return try await plane.write { transaction, helper in
            var started = try transaction.tunnel(tunnel.id)
            started.isEnabled = true
            let stored = try transaction.update(started, by: .tester, action: .start)
            let peers = try endpoints.enumerated().map { number, endpoint in
                var peer = try PeerRecord.sample(
                    "peer \(number)", of: tunnel.id, allowedIPs: try AllowedIPs("10.0.0.\(number + 2)"))
                peer.endpoint = try PeerEndpoint(endpoint)
                return try transaction.insert(peer, by: .tester)
            }
            try helper.apply(plan(desired: try transaction.desired(stored, under: helper.rules), actual: nil))
            try helper.apply(transaction.ruleRequests(from: nil, to: stored).opening)
            return (stored, peers)
        }
    }

    private var seconds: UInt64 { UInt64(fixture.clock.now.milliseconds / 1000) }

    private func running(_ peer: PeerRecord) -> String? {
        helper.state.withLock { state in
            state.tunnels[peer.tunnel]?.peers.first { $0.publicKey == peer.publicKey }?.endpoint?.description
        }
    }

    /// Has the kernel have heard from a peer, at an endpoint of its own choice.
    private func hear(from peer: PeerRecord, at endpoint: String, _ handshake: UInt64) throws {
        let endpoint = try Endpoint(endpoint)
        helper.state.withLock { state in
            guard let tunnel = state.tunnels[peer.tunnel] else { return }
            let peers = tunnel.peers.map { found in
                found.publicKey != peer.publicKey
                    ? found
                    : PeerState(
                        publicKey: found.publicKey, presharedKey: found.presharedKey, endpoint: endpoint,
                        allowedIPs: found.allowedIPs, keepalive: found.keepalive, latestHandshake: handshake,
                        received: 1, sent: 1)
            }
            state.tunnels[peer.tunnel] = ActualTunnel(state: tunnel.state, peers: peers)
        }
    }

    /// What the kernel was told to change of peers.
    private func changes() -> [PeerChange] {
        helper.state.withLock { state in
            state.asked.flatMap { request -> [PeerChange] in
                if case .applyPeers(let verb) = request { verb.set } else { [] }
            }
        }
    }

    @Test func `a peer is told where its name leads, and no other peer is named`() async throws {
        try set("vpn.example.org", "192.0.2.7", "192.0.2.8")
        let (_, peers) = try await tunnel(["vpn.example.org:51820", "198.51.100.1:7", "gone.example:51820"])
        #expect(running(peers[0]) == nil && running(peers[1]) == "198.51.100.1:7")
        helper.forgetRequests()
        #expect(try await !plane.followEndpoints())
        #expect(changes() == [PeerChange(publicKey: peers[0].publicKey, endpoint: try Endpoint("192.0.2.7:51820"))])
        #expect(plane.names.answer(for: try HostName("gone.example"))?.fault == "no such name")
        // All is as it should be: neither a turn nor a comparison has anything to say.
        helper.forgetRequests()
        _ = try await plane.followEndpoints()
        #expect(changes() == [])
    }

    @Test func `who is heard from is left where he is, and followed when he falls silent`() async throws {
        try set("vpn.example.org", "192.0.2.7")
        let (_, peers) = try await tunnel(["vpn.example.org:51820"])
        _ = try await plane.followEndpoints()
        try hear(from: peers[0], at: "203.0.113.9:4000", seconds - 100)
        try set("vpn.example.org", "192.0.2.9")
        helper.forgetRequests()
        _ = try await plane.followEndpoints()
        #expect(changes() == [] && running(peers[0]) == "203.0.113.9:4000")
        fixture.clock.advance(milliseconds: 36_000)
        _ = try await plane.followEndpoints()
        #expect(changes() == [PeerChange(publicKey: peers[0].publicKey, endpoint: try Endpoint("192.0.2.9:51820"))])
    }

    @Test func `a name that moves is followed, and one that fails then stays where it was`() async throws {
        try set("vpn.example.org", "192.0.2.7")
        let (_, peers) = try await tunnel(["vpn.example.org:51820"])
        _ = try await plane.followEndpoints()
        try set("vpn.example.org", "2001:db8::7", "192.0.2.8")
        _ = try await plane.followEndpoints()
        #expect(running(peers[0]) == "[2001:db8::7]:51820")
        zone.addresses.withLock { $0 = [:] }
        helper.forgetRequests()
        _ = try await plane.followEndpoints()
        #expect(changes() == [] && running(peers[0]) == "[2001:db8::7]:51820")
        #expect(plane.names.answer(for: try HostName("vpn.example.org"))?.fault == "no such name")
    }

    @Test func `where no peer has a name, or none that is to be there, nothing is asked`() async throws {
        try set("vpn.example.org", "192.0.2.7")
        let (tunnel, peers) = try await tunnel(["vpn.example.org:51820", "198.51.100.1:7"])
        try await plane.write { transaction, helper in
            var peer = try transaction.peer(peers[0].id, of: tunnel.id)
            peer.isEnabled = false
            let stored = try transaction.update(peer, by: .tester)
            try helper.apply(
                try transaction.requests(in: tunnel, before: peers[0], after: stored, under: helper.rules))
        }
        helper.forgetRequests()
        _ = try await plane.followEndpoints()
        #expect(helper.kinds == [])
        #expect(plane.names.answer(for: try HostName("vpn.example.org")) == nil)
    }

    @Test func `a comparison takes a peer with a name to be where it should be`() async throws {
        try set("vpn.example.org", "192.0.2.7")
        let (tunnel, peers) = try await tunnel(["vpn.example.org:51820"])
        _ = try await plane.followEndpoints()
        helper.give(tunnel)
        helper.forgetRequests()
        try await plane.reconcile()
        #expect(changes() == [] && running(peers[0]) == "192.0.2.7:51820")
    }

    @Test func `a look-up that hangs holds up no write`() async throws {
        let gate = DispatchSemaphore(value: 0)
        let hanging = ControlPlane(
            store: fixture.store, helperSocket: helper.path, logger: plane.logger,
            names: EndpointNames(resolve: { _ in
                gate.wait()
                return []
            }))
        _ = try await tunnel(["vpn.example.org:51820"])
        async let turn = hanging.followEndpoints()
        let written = try await hanging.write { transaction, _ in try transaction.tunnels().count }
        #expect(written == 1)
        gate.signal()
        #expect(try await !turn)
    }

    @Test func `who follows is told of a change, once for many`() async throws {
        _ = try await tunnel(["vpn.example.org:51820"])
        for _ in 0..<3 { try await plane.write { _, _ in } }
        var told = plane.changes.all.makeAsyncIterator()
        #expect(await told.next() != nil)
        plane.changes.tell()
        #expect(await told.next() != nil)
    }
}
