import Testing
import Wire

@testable import aifw_apid

struct PlanTests {
    static let tunnel = ObjectID(bits: 7)
    static let owned = Inventory.Owned(tunnel: tunnel, interface: wg0, isUp: true)
    static var wg0: TunnelInterface { try! TunnelInterface("wg0") }

    static func key(_ number: Int) -> PublicKey {
        PublicKey(bytes: (0..<32).map { $0 < 4 ? UInt8(truncatingIfNeeded: number >> (8 * $0)) : 1 })!
    }

    static func peer(
        _ number: Int, allowedIPs: [String]? = nil, endpoint: String? = nil, psk: UInt8? = nil, keepalive: Int = 0
    ) throws -> DesiredPeer {
        DesiredPeer(
            publicKey: key(number), presharedKey: psk.map(presharedKey), endpoint: try endpoint.map(Endpoint.init),
            allowedIPs: try (allowedIPs ?? ["10.\(number >> 16).\(number >> 8 & 255).\(number & 255)/32"]).map(
                Prefix.init),
            keepalive: try Keepalive(keepalive))
    }

    static func presharedKey(_ byte: UInt8) -> DesiredPeer.PresharedKey {
        .init(
            reference: SealedReference(object: ObjectID(bits: UInt128(byte)), secret: SealedSecret(bytes: [byte])!),
            fingerprint: SecretFingerprint(bytes: [UInt8](repeating: byte, count: 16))!)
    }

    static func desired(
        _ peers: [DesiredPeer], port: Int = 51820, mtu: Int = 1420, routes: [String] = [], tolerated: [String] = []
    ) throws
        -> DesiredTunnel
    {
        DesiredTunnel(
            id: tunnel, interface: wg0, privateKey: SealedSecret(bytes: [1])!, publicKey: key(0),
            listenPort: try Port(port), mark: try FirewallMark(0), mtu: try MTU(mtu),
            addresses: [try InterfaceAddress("10.0.0.1/8")], routes: Set(try routes.map(Prefix.init)),
            toleratedRoutes: Set(try tolerated.map(Prefix.init)), peers: peers)
    }

    /// The kernel as it is right after a plan for `desired` was carried out.
    static func settled(_ desired: DesiredTunnel) -> ActualTunnel {
        ActualTunnel(
            state: TunnelState(
                index: 3, isUp: true, mtu: UInt64(desired.mtu.rawValue), addresses: desired.addresses,
                publicKey: desired.publicKey, listenPort: desired.listenPort, mark: desired.mark),
            routes: Array(desired.routes),
            peers: desired.peers.map { peer in
                PeerState(
                    publicKey: peer.publicKey, presharedKey: peer.presharedKey?.fingerprint, endpoint: peer.endpoint,
                    allowedIPs: peer.allowedIPs, keepalive: peer.keepalive, latestHandshake: 0, received: 0, sent: 0)
            })
    }

    @Test func `A route that is tolerated is neither made nor taken away`() throws {
        let settled = Self.settled(try Self.desired([], routes: ["172.16.0.0/12", "172.32.0.0/16"]))
        let now = try Self.desired([], tolerated: ["172.16.0.0/12"])
        let requests = plan(desired: now, actual: settled)
        guard case .applyPeers(let request)? = requests.first else {
            Issue.record("nothing was asked for")
            return
        }
        #expect(requests.count == 1)
        #expect(request.removeRoutes.map(\.description) == ["172.32.0.0/16"])
        #expect(request.addRoutes.isEmpty)
        #expect(plan(desired: now, actual: Self.settled(try Self.desired([]))).isEmpty)
    }

    @Test func `What is as desired is left alone`() throws {
        let desired = try Self.desired(
            [Self.peer(2, psk: 5), Self.peer(3, endpoint: "192.0.2.1:5")], routes: ["172.16.0.0/12"])
        #expect(plan(desired: desired, actual: Self.settled(desired)).isEmpty)
    }

    @Test func `A missing tunnel is made whole, and one too many removed`() throws {
        let desired = try Self.desired([Self.peer(2)], routes: ["172.16.0.0/12"])
        let requests = plan(desired: desired, actual: nil)
        #expect(requests.map(\.kind) == [.applyTunnel, .applyPeers])
        guard case .applyTunnel(let interface) = requests[0], case .applyPeers(let peers) = requests[1] else { return }
        #expect(interface.privateKey != nil && interface.listenPort != nil && interface.mtu != nil)
        #expect(interface.addresses?.count == 1)
        #expect(peers.set.count == 1)
        #expect(peers.addRoutes == (try [Prefix("172.16.0.0/12")]))
        #expect(plan(removing: Self.owned).map(\.kind) == [.removeTunnel])
    }

    @Test func `Only what differs of the interface is said`() throws {
        let before = try Self.desired([Self.peer(2)])
        let after = try Self.desired([Self.peer(2)], port: 51821)
        let requests = plan(desired: after, actual: Self.settled(before))
        #expect(requests.count == 1)
        guard case .applyTunnel(let change) = try #require(requests.first) else { return }
        #expect(change.listenPort?.rawValue == 51821)
        #expect(change.privateKey == nil && change.mtu == nil && change.addresses == nil && change.mark == nil)
    }

    @Test func `An interface that was set down by hand is raised again`() throws {
        let desired = try Self.desired([])
        let settled = Self.settled(desired).state
        let down = TunnelState(
            index: 3, isUp: false, mtu: settled.mtu, addresses: settled.addresses,
            publicKey: settled.publicKey, listenPort: settled.listenPort, mark: settled.mark)
        let requests = plan(desired: desired, actual: ActualTunnel(state: down, peers: []))
        #expect(requests.map(\.kind) == [.applyTunnel])
    }

    @Test func `A peer added, removed or changed by hand is put right, and no other is named`() throws {
        let desired = try Self.desired([Self.peer(2), Self.peer(3), Self.peer(4, psk: 8)])
        let found = try Self.desired([Self.peer(2), Self.peer(9), Self.peer(4, psk: 7)])
        let requests = plan(desired: desired, actual: Self.settled(found))
        #expect(requests.count == 1)
        guard case .applyPeers(let change) = try #require(requests.first) else { return }
        #expect(change.remove == [Self.key(9)])
        #expect(Set(change.set.map(\.publicKey)) == [Self.key(3), Self.key(4)])
        let four = try #require(change.set.first { $0.publicKey == Self.key(4) })
        #expect(four.presharedKey == .some(Self.presharedKey(8).reference))
        #expect(four.allowedIPs == nil && four.keepalive == nil && four.endpoint == nil)
    }

    @Test func `A peer that has moved is not called back, one that never spoke is`() throws {
        let desired = try Self.desired([Self.peer(2, endpoint: "192.0.2.1:5")])
        func found(handshake: UInt64, endpoint: String?) throws -> ActualTunnel {
            let settled = Self.settled(desired)
            let peer = settled.peers[0]
            return ActualTunnel(
                state: settled.state,
                peers: [
                    PeerState(
                        publicKey: peer.publicKey, presharedKey: nil, endpoint: try endpoint.map(Endpoint.init),
                        allowedIPs: peer.allowedIPs, keepalive: peer.keepalive, latestHandshake: handshake, received: 0,
                        sent: 0)
                ])
        }
        let moved = try found(handshake: 1_764_000_000, endpoint: "198.51.100.7:40000")
        #expect(plan(desired: desired, actual: moved).isEmpty)
        for stray in [try found(handshake: 0, endpoint: "198.51.100.7:40000"), try found(handshake: 5, endpoint: nil)] {
            let requests = plan(desired: desired, actual: stray)
            guard case .applyPeers(let change) = try #require(requests.first) else { return }
            #expect(change.set.first?.endpoint == (try Endpoint("192.0.2.1:5")))
        }
    }

    @Test func `Ten thousand peers are said in requests of 256`() throws {
        let desired = try Self.desired((2..<10_002).map { try Self.peer($0) })
        let requests = plan(desired: desired, actual: nil)
        #expect(requests.count == 1 + (10_000 + 255) / 256)
        for request in requests {
            #expect(try request.frame().count <= Frame.maximumLength + Frame.headerLength)
        }
    }

    @Test func `Requests keep to the limit of allowed IPs and of routes`() throws {
        let many = try (2..<22).map { number in
            try Self.peer(number, allowedIPs: (0..<256).map { "10.\(number).\($0).0/24" })
        }
        let routes = (0..<10_000).map { "172.\($0 >> 8).\($0 & 255).0/24" }
        let requests = plan(desired: try Self.desired(many, routes: routes), actual: nil)
        var added = 0
        for case .applyPeers(let part) in requests {
            #expect(part.set.reduce(0) { $0 + ($1.allowedIPs?.count ?? 0) } <= ApplyPeers.prefixLimit)
            #expect(part.addRoutes.count <= ApplyPeers.routeLimit)
            // Routes lead to peers that are there: nothing is set behind the first of them.
            #expect(added == 0 || part.set.isEmpty)
            added += part.addRoutes.count
        }
        #expect(added == 10_000)
    }

    @Test func `One edit of one peer is one request that names that peer alone`() throws {
        let before = try Self.peer(2)
        let after = try Self.peer(2, keepalive: 25)
        let requests = plan(
            tunnel: Self.tunnel, interface: Self.wg0, before: [before], after: [after], removeRoutes: [], addRoutes: [])
        #expect(requests.count == 1)
        guard case .applyPeers(let change) = try #require(requests.first) else { return }
        #expect(change.set == [PeerChange(publicKey: Self.key(2), keepalive: try Keepalive(25))])
        let none = plan(
            tunnel: Self.tunnel, interface: Self.wg0, before: [before], after: [before], removeRoutes: [], addRoutes: []
        )
        #expect(none.isEmpty)
    }

    @Test func `A new key of a peer removes the old one and makes the new one in one request`() throws {
        let requests = plan(
            tunnel: Self.tunnel, interface: Self.wg0, before: [try Self.peer(2)],
            after: [try Self.peer(3, allowedIPs: ["10.0.0.2/32"])], removeRoutes: [], addRoutes: [])
        #expect(requests.count == 1)
        guard case .applyPeers(let change) = try #require(requests.first) else { return }
        #expect(change.remove == [Self.key(2)])
        #expect(change.set.map(\.publicKey) == [Self.key(3)])
    }

    @Test func `A route, which may be refused, is asked for before a peer is touched`() throws {
        let (gone, made) = (try Prefix("172.16.0.0/16"), try Prefix("172.17.0.0/16"))
        func requests(_ removeRoutes: [Prefix], _ addRoutes: [Prefix]) throws -> [ApplyPeers] {
            plan(
                tunnel: Self.tunnel, interface: Self.wg0, before: [try Self.peer(2)], after: [try Self.peer(3)],
                removeRoutes: removeRoutes, addRoutes: addRoutes
            ).compactMap { if case .applyPeers(let verb) = $0 { verb } else { nil } }
        }
        let both = try requests([gone], [made])
        // What goes makes room for what comes: the helper counts routes.
        #expect(both.map(\.removeRoutes) == [[gone], []] && both.map(\.addRoutes) == [[made], []])
        #expect(both.map(\.remove) == [[], [Self.key(2)]])
        #expect(both.map { $0.set.map(\.publicKey) } == [[], [Self.key(3)]])
        let one = try requests([gone], [])
        #expect(one.count == 1 && one.first?.removeRoutes == [gone] && one.first?.remove == [Self.key(2)])
    }
}
