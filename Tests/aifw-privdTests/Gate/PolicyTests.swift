import Testing
import Wire

@testable import aifw_privd

@Suite struct `The policy` {
    private static let tunnel = ObjectID(bits: 1)
    private static func wg0() throws -> TunnelInterface { try TunnelInterface(number: 0) }

    @Test(arguments: [
        "10.0.0.1/8", "10.9.0.1/24", "192.168.3.4/32", "172.16.0.1/12", "100.64.0.1/10", "2001:db8::1/16",
        "fd00:1::1/64", "fd00::1/128",
    ])
    func `Addresses that a tunnel may have`(text: String) throws {
        try Policy(networks: .standard).check(
            ApplyTunnel(tunnel: Self.tunnel, interface: Self.wg0(), addresses: [InterfaceAddress(text)]))
    }

    @Test(arguments: [
        "10.0.0.1/7", "0.0.0.0/8", "0.1.2.3/32", "127.0.0.1/8", "127.9.9.9/32", "169.254.1.1/16", "169.254.1.1/32",
        "169.0.0.1/8", "224.0.0.1/24", "239.1.1.1/32", "240.0.0.1/24", "255.255.255.255/32", "::/128", "::1/128",
        "2001:db8::1/15", "fe80::1/64", "fe80::1/128", "ff02::1/128", "::ffff:10.0.0.1/128", "::2/16",
    ])
    func `Addresses that no tunnel may have`(text: String) throws {
        let addresses = [try InterfaceAddress("10.9.0.1/24"), try InterfaceAddress(text)]
        let request = ApplyTunnel(tunnel: Self.tunnel, interface: try Self.wg0(), addresses: addresses)
        let refusal = #expect(throws: Refusal.self) { try Policy(networks: .standard).check(request) }
        #expect(refusal?.code == .policy)
        #expect(refusal?.field == "addresses[1]")
    }

    @Test(arguments: ["10.0.0.0/8", "192.0.2.0/24", "192.0.2.1/32", "2001::/16", "fd00::/16", "2001:db8::1/128"])
    func `Routes that a tunnel may have`(text: String) throws {
        try Policy(networks: .standard).check(
            ApplyPeers(tunnel: Self.tunnel, interface: Self.wg0(), addRoutes: [Prefix(text)]))
    }

    @Test(arguments: [
        "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/7", "0.0.0.0/8", "127.0.0.0/8", "127.0.0.1/32",
        "169.0.0.0/8", "169.254.0.0/16", "224.0.0.0/8", "239.0.0.1/32", "255.255.255.255/32", "::/0", "8000::/1",
        "2000::/3", "fc00::/7", "::/16", "::1/128", "fe80::/16", "fe80::1/128", "ff00::/16", "::ffff:0:0/96",
    ])
    func `Routes that no tunnel may have`(text: String) throws {
        let routes = [try Prefix("10.0.0.0/8"), try Prefix(text)]
        let request = ApplyPeers(tunnel: Self.tunnel, interface: try Self.wg0(), addRoutes: routes)
        let refusal = #expect(throws: Refusal.self) { try Policy(networks: .standard).check(request) }
        #expect(refusal?.code == .policy)
        #expect(refusal?.field == "add_routes[1]")
        // To take one away is never forbidden.
        try Policy(networks: .standard).check(
            ApplyPeers(tunnel: Self.tunnel, interface: Self.wg0(), removeRoutes: routes))
    }

    @Test(arguments: ["0.0.0.0/0", "::/0"])
    func `Nothing is a default route, whatever the policy file lists`(all: String) throws {
        let network = try Prefix(all)
        let listed = NetworkAllowance(networks: [network])
        let policy = Policy(networks: NetworkPolicy(tunnels: listed, routes: listed, hostNetworks: .allow))
        let route = ApplyPeers(tunnel: Self.tunnel, interface: try Self.wg0(), addRoutes: [network])
        #expect(
            #expect(throws: Refusal.self) { try policy.check(route) }
                == Refusal(.policy, "must not be a default route: \(all)", field: "add_routes[0]"))
        let address = InterfaceAddress(try IPAddress(network.family == .v4 ? "10.0.0.1" : "fd00::1"), length: 0)
        let tunnel = ApplyTunnel(tunnel: Self.tunnel, interface: try Self.wg0(), addresses: [address])
        #expect(
            #expect(throws: Refusal.self) { try policy.check(tunnel) }
                == Refusal(.policy, "must not be a default route: \(address)", field: "addresses[0]"))
    }

    @Test func `Allowed IPs may be everything: they route nothing`() throws {
        let peer = PeerChange(
            publicKey: try #require(PublicKey(bytes: [UInt8](repeating: 1, count: 32))),
            allowedIPs: [try Prefix("0.0.0.0/0"), try Prefix("::/0")])
        try Policy(networks: .standard).check(ApplyPeers(tunnel: Self.tunnel, interface: Self.wg0(), set: [peer]))
    }

    @Test(arguments: ["0.0.0.0:1", "224.0.0.1:1", "255.255.255.255:1", "[::]:1", "[ff02::1]:1", "[::ffff:1.2.3.4]:1"])
    func `Endpoints that can't be sent to`(text: String) throws {
        let peer = PeerChange(
            publicKey: try #require(PublicKey(bytes: [UInt8](repeating: 1, count: 32))), endpoint: try Endpoint(text))
        let request = ApplyPeers(tunnel: Self.tunnel, interface: try Self.wg0(), set: [peer])
        let refusal = #expect(throws: Refusal.self) { try Policy(networks: .standard).check(request) }
        #expect(refusal?.field == "set[0].endpoint")
    }

    @Test func `A peer is named once in a request`() throws {
        let key = try #require(PublicKey(bytes: [UInt8](repeating: 1, count: 32)))
        let twice = ApplyPeers(
            tunnel: Self.tunnel, interface: try Self.wg0(), remove: [key], set: [PeerChange(publicKey: key)])
        let refusal = #expect(throws: Refusal.self) { try Policy(networks: .standard).check(twice) }
        #expect(refusal?.field == "set[0].public_key")
    }
}
