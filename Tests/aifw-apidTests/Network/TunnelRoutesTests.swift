import Testing
import Wire

@testable import aifw_apid

@Suite struct TunnelRoutesTests {
    private let allowed = [
        "10.0.0.2/32", "10.0.0.128/25", "10.0.0.0/24", "10.0.0.0/16", "192.168.0.0/16", "192.168.0.0/16", "0.0.0.0/0",
        "::/0",
        "fd00::2/128", "fd01::/64", "0.0.0.0/1",
    ]

    @Test func `routes are what lies outside the tunnel's networks, each once, and never a default route`() throws {
        let routes = TunnelRoutes(
            networks: [try Prefix("10.0.0.0/24"), try Prefix("fd00::/64")], areWanted: true, rules: .standard)
        let needed = routes.routes(for: try allowed.map { try Prefix($0) })
        #expect(needed.map(\.description) == ["10.0.0.0/16", "192.168.0.0/16", "fd01::/64"])
    }

    @Test(arguments: [
        "0.0.0.0/1", "128.0.0.0/1", "8000::/1", "224.0.0.5/32", "ff02::5/128", "169.254.0.0/16", "fe80::/64",
    ])
    func `what the helper would refuse as a route is a peer's, but not routed`(text: String) throws {
        let prefix = try Prefix(text)
        #expect(try AllowedIPs(text).elements == [prefix])
        #expect(!TunnelRoutes(networks: [], areWanted: true, rules: .standard).isNeeded(for: prefix))
    }

    @Test func `a network that the host has is not routed, but a route that is there stays`() throws {
        let rules = NetworkRules(policy: .standard, host: HostPrefixes([try Prefix("192.168.4.0/24")]))
        let routes = TunnelRoutes(networks: [try Prefix("10.0.0.0/24")], areWanted: true, rules: rules)
        for text in ["192.168.0.0/16", "192.168.4.0/24", "192.168.4.9/32"] {
            #expect(try !routes.isNeeded(for: Prefix(text)))
            #expect(try routes.mayStay(Prefix(text)))
        }
        #expect(try routes.isNeeded(for: Prefix("192.168.5.0/24")))
        #expect(try !routes.mayStay(Prefix("10.0.0.9/32")))
    }

    @Test func `the policy file decides, but never for a default route`() throws {
        let all = NetworkAllowance(networks: [try Prefix("0.0.0.0/0")])
        let rules = NetworkRules(policy: NetworkPolicy(routes: all), host: .none)
        let routes = TunnelRoutes(networks: [], areWanted: true, rules: rules)
        #expect(try routes.isNeeded(for: Prefix("0.0.0.0/1")))
        #expect(try !routes.isNeeded(for: Prefix("0.0.0.0/0")))
        #expect(try !routes.mayStay(Prefix("0.0.0.0/0")))
        #expect(try !routes.isNeeded(for: Prefix("2001:db8::/32")))
    }

    @Test func `a tunnel that wants none has none`() throws {
        let routes = TunnelRoutes(networks: [], areWanted: false, rules: .standard)
        #expect(routes.routes(for: try allowed.map { try Prefix($0) }) == [])
    }

    @Test(
        arguments: [
            (false, nil, 1000, .disabled), (false, 999, 1000, .disabled), (true, 1000, 1000, .expired),
            (true, 1001, 0, .never),
            (true, nil, 1000, .online), (true, nil, 820, .online), (true, nil, 819, .stale), (true, nil, 1005, .online),
            (true, nil, .max, .online),
        ] as [(Bool, Int64?, UInt64, PeerCondition)])
    func `a peer's state comes from its handshake, and from what was asked for`(
        isEnabled: Bool, expires: Int64?, handshake: UInt64, condition: PeerCondition
    ) {
        let found = PeerCondition(
            isEnabled: isEnabled, expiresAt: expires.map { Timestamp(milliseconds: $0 * 1000) },
            latestHandshake: handshake, now: Timestamp(milliseconds: 1_000_000))
        #expect(found == condition)
    }
}
