import Testing
import Wire

/// The policy as root writes it, and what it makes of networks of both families.
struct NetworkPolicyFileTests {
    private static func policy(_ text: String) throws -> NetworkPolicy {
        try NetworkPolicy(json: try JSONParser.parse(Bytes(Array(text.utf8))), path: "")
    }

    private static let lists = #"""
        {"tunnels": {"networks": ["10.0.0.0/8", "fd00::/16"], "limit": 64},
         "routes": {"networks": ["0.0.0.0/0", "2001:db8::/32"], "limit": 0},
         "selectors": {"networks": []}, "host_networks": "allow"}
        """#

    @Test func `What is left out is as without a file`() throws {
        #expect(try Self.policy("{}") == .standard)
        #expect(try Self.policy(#"{"tunnels":{},"routes":{},"selectors":{},"host_networks":"refuse"}"#) == .standard)
        #expect(NetworkPolicy.Use.allCases.map(NetworkPolicy.standard.limit) == [1024, 200_000, 20_000])
        let routes = try Self.policy(#"{"routes":{"limit":7}}"#)
        #expect(NetworkPolicy.Use.allCases.map(routes.limit) == [1024, 7, 20_000])
        #expect(routes.hostNetworks == .refuse)
    }

    @Test func `It is read back as it is written`() throws {
        let policy = try Self.policy(Self.lists)
        #expect(try NetworkPolicy(json: policy.json, path: "") == policy)
        #expect(policy.hostNetworks == .allow)
        #expect(NetworkPolicy.Use.allCases.map(policy.limit) == [64, 0, 20_000])
    }

    @Test(arguments: [
        ("[]", nil, "must be an object, not an array"),
        (#"{"tunnel":{}}"#, nil, #"no such member: "tunnel""#),
        (#"{"tunnels":{"network":[]}}"#, "tunnels", #"no such member: "network""#),
        (#"{"tunnels":[]}"#, "tunnels", "must be an object, not an array"),
        (#"{"routes":{"networks":"10.0.0.0/8"}}"#, "routes.networks", "must be an array, not a string"),
        (#"{"routes":{"networks":[1]}}"#, "routes.networks[0]", "must be a string, not a whole number"),
        (
            #"{"routes":{"networks":["10.0.0.0/8","10.0.0.1/8"]}}"#, "routes.networks[1]",
            "has bits set behind its length: 10.0.0.1/8; 10.0.0.0/8 or 10.0.0.1/32 was probably meant"
        ),
        (
            #"{"routes":{"networks":["10.0.0.0/129"]}}"#, "routes.networks[0]",
            #"must have a length from 0 to 32 behind the slash: "10.0.0.0/129""#
        ),
        (
            #"{"selectors":{"networks":["127.0.0.0/16"]}}"#, "selectors.networks[0]",
            "must not lie within 127.0.0.0/8, loopback (RFC 1122): 127.0.0.0/16"
        ),
        (
            #"{"routes":{"limit":1.0}}"#, "routes.limit",
            "must be a whole number, not a number that is not written as a whole number"
        ),
        (#"{"routes":{"limit":-1}}"#, "routes.limit", "must be from 0 to 10000000, not -1"),
        (#"{"routes":{"limit":null}}"#, "routes.limit", "must be a whole number, not null"),
        (#"{"host_networks":"no"}"#, "host_networks", #"must be one of "refuse", "allow", not "no""#),
        (#"{"host_networks":true}"#, "host_networks", #"must be one of "refuse", "allow""#),
    ])
    func `A fault is told with the member that has it`(text: String, field: String?, words: String) {
        let refusal = #expect(throws: Refusal.self) { try Self.policy(text) }
        #expect(refusal?.field == field)
        #expect(refusal?.message == words)
    }

    @Test func `A list has 64 networks at most`() {
        let many = (0..<65).map { "\"10.\($0).0.0/16\"" }.joined(separator: ",")
        let refusal = #expect(throws: Refusal.self) { try Self.policy("{\"routes\":{\"networks\":[\(many)]}}") }
        #expect(refusal?.message == "has 65 elements; at most 64 are taken")
    }

    private static let unlisted = "must lie within a network that the policy file lists"

    @Test(
        arguments: [
            ("10.0.0.0/8", .routes, nil), ("0.0.0.0/1", .routes, nil), ("128.0.0.0/1", .routes, nil),
            ("126.0.0.0/7", .routes, nil), ("2001:db8::/32", .routes, nil), ("2001:db8:9::1/128", .routes, nil),
            ("2001::/16", .routes, "\(unlisted) (routes.networks): 2001::/16"),
            ("127.0.0.0/8", .routes, "must not lie within 127.0.0.0/8, loopback (RFC 1122): 127.0.0.0/8"),
            ("169.254.7.0/24", .routes, "must not lie within 169.254.0.0/16, link-local (RFC 3927): 169.254.7.0/24"),
            ("224.0.0.5/32", .routes, "must not lie within 224.0.0.0/4, multicast (RFC 5771): 224.0.0.5/32"),
            ("fe80::/64", .routes, "\(unlisted) (routes.networks): fe80::/64"),
            ("192.0.2.0/24", .tunnels, "\(unlisted) (tunnels.networks): 192.0.2.0/24"),
            ("10.0.0.0/7", .tunnels, "\(unlisted) (tunnels.networks): 10.0.0.0/7"),
            ("10.0.0.0/32", .selectors, "\(unlisted) (selectors.networks): 10.0.0.0/32"),
        ] as [(String, NetworkPolicy.Use, String?)])
    func `A list decides alone, but for special networks`(text: String, use: NetworkPolicy.Use, words: String?) throws {
        #expect(try Self.policy(Self.lists).objection(to: Prefix(text), as: use) == words)
    }

    @Test(arguments: [
        ("10.255.0.1/8", nil), ("fd00:7::1/64", nil),
        ("fd01::1/64", "\(unlisted) (tunnels.networks): fd01::1/64"),
        ("192.0.2.1/32", "\(unlisted) (tunnels.networks): 192.0.2.1/32"),
    ])
    func `A listed network is for addresses too`(text: String, words: String?) throws {
        #expect(try Self.policy(Self.lists).objection(toAddress: InterfaceAddress(text)) == words)
    }

    @Test func `An address of loopback is none, however wide its network`() throws {
        let all = try Self.policy(#"{"tunnels":{"networks":["0.0.0.0/0"]}}"#)
        #expect(try all.objection(toAddress: InterfaceAddress("126.0.0.1/1")) == nil)
        #expect(
            try all.objection(toAddress: InterfaceAddress("127.0.0.1/1"))
                == "must not lie within 127.0.0.0/8, loopback (RFC 1122): 127.0.0.1/1")
    }

    @Test(arguments: ["0.0.0.0/0", "::/0"])
    func `A list of all there is lets nothing be a default route, but be selected`(all: String) throws {
        let lists = NetworkPolicy.Use.allCases.map { "\"\($0.rawValue)\":{\"networks\":[\"\(all)\"]}" }
        let policy = try Self.policy("{\(lists.joined(separator: ","))}")
        let network = try Prefix(all)
        #expect(policy.objection(to: network, as: .routes) == "must not be a default route: \(all)")
        #expect(policy.objection(to: network, as: .selectors) == nil)
        // The kernel makes a route to the network of an address.
        let address = InterfaceAddress(try IPAddress(network.family == .v4 ? "10.0.0.1" : "fd00::1"), length: 0)
        #expect(policy.objection(toAddress: address) == "must not be a default route: \(address)")
    }

    // MARK: The host's own networks

    private static func host() throws -> HostPrefixes {
        HostPrefixes(
            try ["127.0.0.0/8", "::1/128", "fe80::/64", "192.0.2.0/24", "198.51.100.7/32", "2001:db8:1::/64"].map {
                try Prefix($0)
            })
    }

    @Test(arguments: [
        ("192.0.2.0/24", "192.0.2.0/24"), ("192.0.2.128/25", "192.0.2.0/24"), ("192.0.0.0/16", "192.0.2.0/24"),
        ("198.51.100.0/24", "198.51.100.7/32"), ("2001:db8:1::9/128", "2001:db8:1::/64"),
        ("2001:db8::/32", "2001:db8:1::/64"), ("192.0.3.0/24", nil), ("2001:db8:2::/64", nil), ("10.0.0.0/8", nil),
    ])
    func `What overlaps the host's own networks is refused for every use, unless the file allows it`(
        text: String, own: String?
    ) throws {
        let network = try Prefix(text)
        let words = own.map { "must not overlap \($0), which this host has on an interface that is no tunnel: \(text)" }
        let allowing = try Self.policy(#"{"host_networks":"allow"}"#)
        for use in NetworkPolicy.Use.allCases {
            #expect(try NetworkPolicy.standard.objection(to: network, as: use, beside: Self.host()) == words)
            #expect(try allowing.objection(to: network, as: use, beside: Self.host()) == nil)
            #expect(NetworkPolicy.standard.objection(to: network, as: use) == nil)
        }
        let address = InterfaceAddress(network.last, length: network.length)
        #expect(
            try (NetworkPolicy.standard.objection(toAddress: address, beside: Self.host()) == nil) == (own == nil))
    }

    @Test func `A list does not put the host's own networks out of force`() throws {
        let all = try Self.policy(#"{"routes":{"networks":["0.0.0.0/0"]}}"#)
        #expect(
            try all.objection(to: Prefix("128.0.0.0/1"), as: .routes, beside: Self.host())
                == "must not overlap 192.0.2.0/24, which this host has on an interface that is no tunnel: 128.0.0.0/1")
        // Special networks, which every host has, are not what stands in its way.
        #expect(try all.objection(to: Prefix("64.0.0.0/2"), as: .routes, beside: Self.host()) == nil)
    }

    @Test func `The far gateway may lie in a network of the host, if it is no address of the host's own`() throws {
        let host = HostPrefixes([try Prefix("192.0.2.0/24")], addresses: [try IPAddress("192.0.2.1")])
        let gateway = try IPAddress("192.0.2.9")
        let (policy, allowing) = (NetworkPolicy.standard, try Self.policy(#"{"host_networks":"allow"}"#))
        #expect(try policy.objection(toRemote: Prefix("192.0.2.9"), behind: gateway, beside: host) == nil)
        for text in ["192.0.2.8/31", "192.0.2.8/32"] {
            let words = "must not overlap 192.0.2.0/24, which this host has on an interface that is no tunnel: \(text)"
            #expect(try policy.objection(toRemote: Prefix(text), behind: gateway, beside: host) == words)
            #expect(try allowing.objection(toRemote: Prefix(text), behind: gateway, beside: host) == nil)
        }
        let own = try IPAddress("192.0.2.1")
        #expect(
            policy.objection(toRemote: Prefix(host: own), behind: own, beside: host)
                == "must not be an address of this host: 192.0.2.1")
        #expect(allowing.objection(toRemote: Prefix(host: own), behind: own, beside: host) == nil)
        let listed = try Self.policy(#"{"selectors":{"networks":["10.0.0.0/8"]}}"#)
        #expect(
            listed.objection(toRemote: Prefix(host: gateway), behind: gateway)
                == "\(Self.unlisted) (selectors.networks): 192.0.2.9/32")
    }
}
