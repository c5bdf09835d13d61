import Logging
import Synchronization
import Testing
import Wire

@testable import aifw_apid

/// What a write does to the rows and to the kernel, together or not at all. The kernel is a stand-in here; the system tests
/// have a real one.
struct ControlPlaneTests {
    private let fixture: StoreFixture
    private let helper: HelperStandIn
    private let plane: ControlPlane

    init() throws {
        fixture = try StoreFixture()
        helper = HelperStandIn(path: fixture.folder + "/privd.sock")
        try helper.start()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        plane = ControlPlane(store: fixture.store, helperSocket: helper.path, logger: logger)
    }

    private func startedTunnel(_ name: String = "office", _ number: Int = 0) async throws -> TunnelRecord {
        let tunnel = try await fixture.tunnel(name, number: number, address: "10.\(number).0.1/24")
        return try await plane.write { transaction, helper in
            var started = try transaction.tunnel(tunnel.id)
            started.isEnabled = true
            let stored = try transaction.update(started, by: .tester, action: .start)
            try helper.apply(plan(desired: try transaction.desired(stored, under: helper.rules), actual: nil))
            try helper.apply(transaction.ruleRequests(from: nil, to: stored).opening)
            return stored
        }
    }

    private func addPeer(_ name: String, to tunnel: TunnelRecord, _ address: String) async throws -> PeerRecord {
        try await plane.write { transaction, helper in
            let peer = try transaction.insert(
                .sample(name, of: tunnel.id, allowedIPs: try AllowedIPs(address)), by: .tester)
            try helper.apply(try transaction.requests(in: tunnel, before: nil, after: peer, under: helper.rules))
            return peer
        }
    }

    @Test func `A peer of a running tunnel is one request, whatever the tunnel's size`() async throws {
        let tunnel = try await startedTunnel()
        for count in [10, 60] {
            for number in 0..<count {
                _ = try await addPeer("p\(count)-\(number)", to: tunnel, "10.0.0.\(count + number)")
            }
            helper.forgetRequests()
            _ = try await addPeer("one more than \(count)", to: tunnel, "10.0.0.\(190 + count)")
            #expect(helper.kinds == [.applyPeers])
        }
    }

    @Test func `What the kernel refuses is in neither`() async throws {
        let tunnel = try await startedTunnel()
        helper.state.withLock {
            $0.refusals[.applyPeers] = Refusal(.kernel, "Numerical result out of range", errno: 34)
        }
        await #expect(throws: HelperError.self) { try await addPeer("refused", to: tunnel, "10.0.0.9") }
        let peers = try await fixture.store.read { try $0.peers(of: tunnel.id, ListQuery()).records }
        #expect(peers.isEmpty)
        helper.state.withLock { $0.refusals = [:] }
        #expect(helper.state.withLock { $0.tunnels[tunnel.id]?.peers.isEmpty } == true)
        // The address is free for the next.
        _ = try await addPeer("taken", to: tunnel, "10.0.0.9")
    }

    @Test func `A change that fails after the kernel had its part is taken back there too`() async throws {
        let tunnel = try await startedTunnel()
        struct Later: Error {}
        await #expect(throws: Later.self) {
            try await plane.write { transaction, helper in
                let peer = try transaction.insert(
                    .sample("half", of: tunnel.id, allowedIPs: try AllowedIPs("10.0.0.9")), by: .tester)
                try helper.apply(try transaction.requests(in: tunnel, before: nil, after: peer, under: helper.rules))
                throw Later()
            }
        }
        #expect(helper.state.withLock { $0.tunnels[tunnel.id]?.peers.isEmpty } == true)
        #expect(try await fixture.store.read { try $0.tunnel(tunnel.id).peerCount } == 0)
    }

    @Test func `Without the helper only what needs it fails`() async throws {
        let tunnel = try await startedTunnel()
        helper.stop()
        let error = await #expect(throws: HelperError.self) { try await addPeer("late", to: tunnel, "10.0.0.9") }
        #expect(error?.problem.code == .helperUnavailable)
        try await plane.write { transaction, _ in
            var renamed = try transaction.tunnel(tunnel.id)
            renamed.name = try ObjectName("renamed")
            _ = try transaction.update(renamed, by: .tester)
        }
        await #expect(throws: HelperError.self) { try await plane.reader.inventory() }
    }

    @Test func `A helper that comes back is put right before anything else is written`() async throws {
        let tunnel = try await startedTunnel()
        let peer = try await addPeer("laptop", to: tunnel, "10.0.0.9")
        helper.stop()
        helper.state.withLock { $0.tunnels[tunnel.id] = nil }
        helper.forgetRequests()
        try helper.start()
        _ = try await addPeer("phone", to: tunnel, "10.0.0.10")
        let peers = helper.state.withLock { $0.tunnels[tunnel.id]?.peers.map(\.publicKey) } ?? []
        #expect(peers.count == 2)
        #expect(peers.first == peer.publicKey)
        #expect(helper.kinds.last == .applyPeers)
        #expect(helper.kinds.first == .inventory)
    }

    @Test func `A helper that dies in the middle of a request leaves nothing half done`() async throws {
        let tunnel = try await startedTunnel()
        helper.state.withLock { $0.cutsAfter = .applyPeers }
        await #expect(throws: HelperError.self) { try await addPeer("cut", to: tunnel, "10.0.0.9") }
        #expect(try await fixture.store.read { try $0.tunnel(tunnel.id).peerCount } == 0)
        // It had been done there; the next connection takes it back.
        try await plane.connectWriter()
        #expect(helper.state.withLock { $0.tunnels[tunnel.id]?.peers.isEmpty } == true)
    }

    @Test func `The comparison repairs what differs, and asks for nothing where nothing does`() async throws {
        let tunnel = try await startedTunnel()
        let peer = try await addPeer("laptop", to: tunnel, "10.0.0.9")
        helper.give(tunnel)
        helper.forgetRequests()
        try await plane.reconcile()
        #expect(Set(helper.kinds) == [.inventory, .readTunnel, .readAssociations, .readRules])
        helper.state.withLock { state in
            guard let found = state.tunnels[tunnel.id] else { return }
            state.tunnels[tunnel.id] = ActualTunnel(state: found.state, peers: [])
        }
        try await plane.reconcile()
        #expect(helper.state.withLock { $0.tunnels[tunnel.id]?.peers.map(\.publicKey) } == [peer.publicKey])
        #expect(helper.kinds.filter { $0 == .applyTunnel }.isEmpty)
    }

    @Test func `What can't be repaired is the tunnel's fault until it can`() async throws {
        let tunnel = try await startedTunnel()
        helper.state.withLock { state in
            state.tunnels[tunnel.id] = nil
            state.interfaces[tunnel.id] = nil
            state.refusals[.applyTunnel] = Refusal(.kernel, "Address already in use", field: "listen_port", errno: 98)
        }
        try await plane.reconcile()
        #expect(plane.faults[tunnel.id]?.contains("Address already in use") == true)
        helper.state.withLock { $0.refusals = [:] }
        try await plane.reconcile()
        #expect(plane.faults[tunnel.id] == nil)
        #expect(helper.state.withLock { $0.tunnels[tunnel.id] } != nil)
    }

    @Test func `Routes that come in several pages are all known: none is asked for again`() async throws {
        let tunnel = try await startedTunnel()
        _ = try await addPeer("site", to: tunnel, "192.168.1.0/24, 192.168.2.0/24, 172.16.0.0/16")
        #expect(helper.state.withLock { $0.tunnels[tunnel.id]?.routes.count } == 3)
        helper.give(tunnel)
        helper.forgetRequests()
        try await plane.reconcile()
        #expect(Set(helper.kinds) == [.inventory, .readTunnel, .readAssociations, .readRules])
    }

    @Test func `An interface of ours that no tunnel wants is removed`() async throws {
        let stray = ObjectID.random()
        helper.state.withLock { state in
            state.interfaces[stray] = try? TunnelInterface("wg8")
            state.tunnels[stray] = ActualTunnel(
                state: TunnelState(
                    index: 9, isUp: true, mtu: 1420, addresses: [], publicKey: nil, listenPort: nil,
                    mark: FirewallMark(validated: 0)),
                peers: [])
        }
        try await plane.reconcile()
        #expect(helper.state.withLock { $0.interfaces[stray] } == nil)
    }

    // MARK: The helper's policy

    @Test func `A network that the host has since is learned from the refusal, and the peer is taken without a route`()
        async throws
    {
        let tunnel = try await startedTunnel()
        let addresses = [try InterfaceAddress("192.168.7.1/24"), try InterfaceAddress("172.16.0.1/24")]
        helper.state.withLock { $0.addresses = addresses }
        helper.forgetRequests()
        let peer = try await addPeer("site", to: tunnel, "192.168.0.0/16")
        #expect(keys(in: tunnel) == [peer.publicKey])
        let routes = helper.state.withLock { state in
            state.asked.map { request -> [Prefix]? in
                if case .applyPeers(let verb) = request { verb.addRoutes } else { nil }
            }
        }
        #expect(routes.compactMap { $0 }.last == [])
        // Known from now on: nothing is refused any more.
        helper.forgetRequests()
        _ = try await addPeer("other", to: tunnel, "172.16.0.0/25")
        #expect(helper.kinds == [.applyPeers])
    }

    @Test func `A refusal of the policy that is not due to old knowledge stays one`() async throws {
        let tunnel = try await startedTunnel()
        helper.state.withLock { $0.refusals[.applyPeers] = Refusal(.policy, "no", field: "add_routes[0]") }
        let error = await #expect(throws: HelperError.self) { try await addPeer("site", to: tunnel, "192.168.0.0/16") }
        #expect(error?.problem.code == .invalid)
        #expect(error?.problem.errors == [.init(field: "allowed_ips", detail: "no")])
        #expect(helper.kinds.filter { $0 == .applyPeers }.count == 1)
    }

    @Test func `An address that the host's own networks keep from being set shows as the tunnel's fault`() async throws
    {
        let tunnel = try await startedTunnel()
        helper.state.withLock { state in
            state.tunnels[tunnel.id] = nil
            state.refusals[.applyTunnel] = Refusal(.policy, "must not overlap it", field: "addresses[0]")
        }
        try await plane.reconcile()
        #expect(plane.faults[tunnel.id] == "addresses[0] must not overlap it")
    }

    @Test(arguments: [(UInt64?.some(7), 7), (nil, 1)])
    func `A budget that is used up is 429 and says when to come back`(seconds: UInt64?, retry: Int) {
        let problem = HelperError.refused(Refusal(.rate, "wait", field: "secrets", retryAfter: seconds)).problem
        #expect(problem.json["status"] == 429)
        #expect(
            problem
                == Problem(.tooManyRequests, "The helper hands out no more keys for now: wait.")
                .retry(afterSeconds: retry))
    }

    // MARK: Expiry and shared prefixes

    private func keys(in tunnel: TunnelRecord) -> [PublicKey] {
        helper.state.withLock { $0.tunnels[tunnel.id]?.peers.map(\.publicKey) ?? [] }
    }

    private func expiringPeer(in tunnel: TunnelRecord, after milliseconds: Int64 = 1000) async throws -> PeerRecord {
        let end = Timestamp(milliseconds: fixture.clock.now.milliseconds + milliseconds)
        return try await plane.write { transaction, helper in
            var peer = try PeerRecord.sample("guest", of: tunnel.id, allowedIPs: try AllowedIPs("10.0.0.9"))
            peer.expiresAt = end
            let stored = try transaction.insert(peer, by: .tester)
            try helper.apply(try transaction.requests(in: tunnel, before: nil, after: stored, under: helper.rules))
            return stored
        }
    }

    @Test func `A peer leaves the kernel when its time ends`() async throws {
        let tunnel = try await startedTunnel()
        let peer = try await expiringPeer(in: tunnel)
        let start = fixture.clock.now
        try await plane.dropExpired(after: start, upTo: fixture.clock.now)
        #expect(keys(in: tunnel) == [peer.publicKey])
        fixture.clock.advance(milliseconds: 1500)
        try await plane.dropExpired(after: start, upTo: fixture.clock.now)
        #expect(keys(in: tunnel).isEmpty)
    }

    @Test func `A tunnel that refuses keeps no expired peer of another`() async throws {
        let (tunnel, other) = (try await startedTunnel(), try await startedTunnel("other", 1))
        let first = try await expiringPeer(in: tunnel, after: 1000)
        _ = try await expiringPeer(in: other, after: 1001)
        let start = fixture.clock.now
        fixture.clock.advance(milliseconds: 1500)
        helper.state.withLock { $0.applyPeersLeft = 0 }
        try await plane.dropExpired(after: start, upTo: fixture.clock.now)
        #expect(keys(in: other).isEmpty)
        #expect(keys(in: tunnel) == [first.publicKey])
        try await plane.reconcile()
        #expect(keys(in: tunnel).isEmpty)
    }

    @Test func `Deleting a peer that has just expired takes it from the kernel all the same`() async throws {
        let tunnel = try await startedTunnel()
        let peer = try await expiringPeer(in: tunnel)
        fixture.clock.advance(milliseconds: 1500)
        try await plane.write { transaction, helper in
            try transaction.deletePeer(peer.id, of: tunnel.id, by: .tester)
            try helper.drop(try transaction.requests(in: tunnel, before: peer, after: nil, under: helper.rules))
        }
        #expect(keys(in: tunnel).isEmpty)
    }

    @Test(arguments: [false, true])
    func `Of peers that share a prefix the one made last has it, and its heir when it goes`(
        byExpiry: Bool
    ) async throws {
        let tunnel = try await startedTunnel()
        func add(_ name: String, until end: Timestamp? = nil) async throws -> PeerRecord {
            fixture.clock.advance(milliseconds: 1)
            return try await plane.write { transaction, helper in
                var peer = try PeerRecord.sample(name, of: tunnel.id, allowedIPs: try AllowedIPs("172.16.0.0/24"))
                peer.allowOverlap = true
                peer.expiresAt = end
                let stored = try transaction.insert(peer, by: .tester)
                try helper.apply(try transaction.requests(in: tunnel, before: nil, after: stored, under: helper.rules))
                return stored
            }
        }
        let start = fixture.clock.now
        let end = byExpiry ? Timestamp(milliseconds: start.milliseconds + 1000) : nil
        let (first, second) = (try await add("first"), try await add("second", until: end))
        let prefix = try Prefix("172.16.0.0/24")
        func desired() async throws -> [PublicKey: [Prefix]] {
            let tunnel = try await fixture.store.read {
                try $0.desired(try $0.tunnel(tunnel.id), under: .standard)
            }
            return Dictionary(uniqueKeysWithValues: tunnel.peers.map { ($0.publicKey, $0.allowedIPs) })
        }
        #expect(try await desired() == [first.publicKey: [], second.publicKey: [prefix]])
        helper.forgetRequests()
        if byExpiry {
            fixture.clock.advance(milliseconds: 1500)
            try await plane.dropExpired(after: start, upTo: fixture.clock.now)
        } else {
            try await plane.write { transaction, helper in
                try transaction.deletePeer(second.id, of: tunnel.id, by: .tester)
                try helper.drop(try transaction.requests(in: tunnel, before: second, after: nil, under: helper.rules))
            }
        }
        #expect(helper.kinds == [.applyPeers])
        let asked = helper.state.withLock { $0.asked }
        guard case .applyPeers(let request) = try #require(asked.first) else { return }
        #expect(request.remove == [second.publicKey])
        #expect(request.set == [PeerChange(publicKey: first.publicKey, allowedIPs: [prefix])])
        #expect(request.removeRoutes.isEmpty)
        #expect(try await desired() == [first.publicKey: [prefix]])
    }
}
