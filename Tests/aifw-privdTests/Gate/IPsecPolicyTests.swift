import Testing
import Wire

@testable import aifw_privd

@Suite struct `The policy for IPsec` {
    private typealias Samples = AssociationSamples

    private let policy = Policy(networks: .standard)

    private func refusal(_ request: ApplyAssociations) -> Refusal? {
        Samples.refusal { () throws(Refusal) in try policy.check(request) }
    }

    private func refusal(_ request: ApplyRules) -> Refusal? {
        Samples.refusal { () throws(Refusal) in try policy.check(request) }
    }

    private func addition(from source: String, to destination: String) throws -> ApplyAssociations.Addition {
        let sealed = try #require(SealedSecret(bytes: [1]))
        return ApplyAssociations.Addition(
            object: Samples.object, direction: .in,
            association: try Samples.association(.authentication(.hmacSHA256, sealed), from: source, to: destination))
    }

    // MARK: Gateways

    private static let notGateways = [
        ("0.0.0.0", "must be an address that one host can have, not 0.0.0.0"),
        ("224.0.0.1", "must be an address that one host can have, not 224.0.0.1"),
        ("255.255.255.255", "must be an address that one host can have, not 255.255.255.255"),
        ("127.0.0.1", "must not lie within 127.0.0.0/8, loopback (RFC 1122): 127.0.0.1"),
        ("0.1.2.3", "must not lie within 0.0.0.0/8, this host (RFC 1122): 0.1.2.3"),
        ("169.254.1.1", "must not lie within 169.254.0.0/16, link-local (RFC 3927): 169.254.1.1"),
        ("::", "must be an address that one host can have, not ::"),
        ("::1", "must not lie within ::/127, the unspecified and the loopback address (RFC 4291): ::1"),
        ("fe80::1", "must not lie within fe80::/10, link-local (RFC 4291): fe80::1"),
        ("ff02::1", "must be an address that one host can have, not ff02::1"),
        ("::ffff:192.0.2.1", "must not lie within ::ffff:0:0/96, IPv4-mapped (RFC 4291): ::ffff:c000:201"),
    ]

    @Test(arguments: Self.notGateways)
    func `Addresses that can't be a gateway`(text: String, words: String) throws {
        let other = text.contains(":") ? "2001:db8::9" : "192.0.2.9"
        for (source, destination, member) in [(text, other, "source"), (other, text, "destination")] {
            #expect(
                refusal(ApplyAssociations(add: [try addition(from: source, to: destination)]))
                    == Refusal(.policy, words, field: "add[0].\(member)"))
        }
        for (from, to, member) in [(text, other, "from"), (other, text, "to")] {
            let odd = try Samples.policy(.out, "10.1.0.0/16", "10.2.0.0/16", from: from, to: to)
            #expect(
                refusal(ApplyAssociations(addPolicies: [odd]))
                    == Refusal(.policy, words, field: "add_policies[0].\(member)"))
        }
        for (near, far, member) in [(text, other, "local"), (other, text, "remote")] {
            let (local, remote) = (try IPAddress(near), try IPAddress(far))
            for rule in [
                PassRule.protectedPackets(owner: Samples.object, .ah, local: local, remote: remote),
                .keyExchange(owner: Samples.object, local: local, remote: remote),
            ] {
                #expect(
                    refusal(ApplyRules(add: [rule])) == Refusal(.policy, words, field: "add[0].\(member)"))
                // To take one away is never forbidden.
                #expect(refusal(ApplyRules(remove: [rule])) == nil)
            }
        }
    }

    @Test func `The two gateways differ`() throws {
        let words = "must not be both gateways: 192.0.2.9"
        let twin = try addition(from: "192.0.2.9", to: "192.0.2.9")
        #expect(refusal(ApplyAssociations(add: [twin])) == Refusal(.policy, words, field: "add[0].destination"))
        let policy = try Samples.policy(.in, "10.1.0.0/16", "10.2.0.0/16", from: "192.0.2.9", to: "192.0.2.9")
        #expect(
            refusal(ApplyAssociations(addPolicies: [policy])) == Refusal(.policy, words, field: "add_policies[0].to"))
        let address = try IPAddress("192.0.2.9")
        let rule = PassRule.keyExchange(owner: Samples.object, local: address, remote: address)
        #expect(refusal(ApplyRules(add: [rule])) == Refusal(.policy, words, field: "add[0].remote"))
    }

    // MARK: Networks

    @Test(arguments: ["0.0.0.0/0", "10.0.0.0/7", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/8", "::/0", "fe80::/16"])
    func `Networks that no association may carry`(text: String) throws {
        let good = text.contains(":") ? "fd00:1::/64" : "10.9.0.0/16"
        for direction in SecurityPolicyKey.Direction.allCases {
            for (source, destination, member) in [(text, good, "source"), (good, text, "destination")] {
                let odd = try Samples.policy(direction, source, destination)
                let refused = refusal(ApplyAssociations(addPolicies: [try Samples.policy(.in, good, good), odd]))
                #expect(refused?.code == .policy)
                #expect(refused?.field == "add_policies[1].\(member)")
                #expect(refusal(ApplyAssociations(removePolicies: [odd.key])) == nil)
            }
        }
        for (local, remote, member) in [(text, good, "local"), (good, text, "remote")] {
            let rule = PassRule.innerTraffic(
                owner: Samples.object, number: try AssociationNumber(7), local: try Prefix(local),
                remote: try Prefix(remote))
            let refused = refusal(ApplyRules(add: [rule]))
            #expect(refused?.code == .policy && refused?.field == "add[0].\(member)")
        }
    }

    @Test func `The policy file says where selectors must lie, on both sides`() throws {
        let listed = Policy(networks: NetworkPolicy(selectors: NetworkAllowance(networks: [try Prefix("10.0.0.0/8")])))
        try listed.check(ApplyAssociations(addPolicies: [try Samples.policy(.out, "10.1.0.0/16", "10.2.0.0/16")]))
        for (source, destination, member) in [
            ("192.0.2.0/24", "10.2.0.0/16", "source"), ("10.2.0.0/16", "192.0.2.0/24", "destination"),
        ] {
            let odd = try Samples.policy(.out, source, destination)
            let refused = Samples.refusal { () throws(Refusal) in
                try listed.check(ApplyAssociations(addPolicies: [odd]))
            }
            #expect(
                refused?.message
                    == "must lie within a network that the policy file lists (selectors.networks): 192.0.2.0/24")
            #expect(refused?.field == "add_policies[0].\(member)")
        }
    }

    @Test func `What a tunnel may not have is not masqueraded, and never all there is`() throws {
        let interface = try TunnelInterface(number: 0)
        func refused(_ network: String, _ policy: Policy) throws -> Refusal? {
            let rule = PassRule.masquerade(owner: Samples.object, network: try Prefix(network), on: interface)
            // To take one away is never forbidden.
            try policy.check(ApplyRules(remove: [rule]))
            return Samples.refusal { () throws(Refusal) in try policy.check(ApplyRules(add: [rule])) }
        }
        for network in ["10.0.0.0/24", "fd00::/64"] { #expect(try refused(network, policy) == nil) }
        for network in ["0.0.0.0/0", "::/0", "10.0.0.0/7", "127.0.0.0/8", "fe80::/64", "224.0.0.0/24"] {
            let refusal = try refused(network, policy)
            #expect(refusal?.code == .policy && refusal?.field == "add[0].network", "\(network)")
        }
        let all = NetworkAllowance(networks: [try Prefix("0.0.0.0/0"), try Prefix("10.0.0.0/8")])
        let listed = Policy(networks: NetworkPolicy(tunnels: all))
        #expect(try refused("0.0.0.0/0", listed)?.message == "must not be all there is: 0.0.0.0/0")
        #expect(try refused("0.0.0.0/1", listed) == nil)
        #expect(try refused("fd00::/64", listed)?.code == .policy)
    }

    @Test func `In transport mode nothing but the two ends is protected`() throws {
        let ends = try Samples.policy(.out, "198.51.100.1/32", "203.0.113.2/32", mode: .transport)
        #expect(refusal(ApplyAssociations(addPolicies: [ends])) == nil)
        for (source, destination) in [
            ("198.51.100.0/24", "203.0.113.2/32"), ("198.51.100.1/32", "203.0.113.3/32"),
            ("203.0.113.2/32", "198.51.100.1/32"),
        ] {
            let odd = try Samples.policy(.out, source, destination, mode: .transport)
            #expect(
                refusal(ApplyAssociations(addPolicies: [odd]))
                    == Refusal(
                        .policy, "in transport mode the two ends are all that is protected", field: "add_policies[0]"))
        }
    }

    // MARK: Repeated

    @Test func `What there is one of is named once in a list, whatever its number`() throws {
        let words = "the same twice in one request"
        let one = try addition(from: "192.0.2.9", to: "192.0.2.10")
        let other = try addition(from: "192.0.2.11", to: "192.0.2.10")
        #expect(refusal(ApplyAssociations(add: [one, other])) == Refusal(.policy, words, field: "add[1]"))
        let key = one.association.key
        let renumbered = SecurityAssociationKey(
            number: try AssociationNumber(8), destination: key.destination, spi: key.spi,
            securityProtocol: key.securityProtocol)
        #expect(refusal(ApplyAssociations(remove: [key, renumbered])) == Refusal(.policy, words, field: "remove[1]"))
        let first = try Samples.policy(.in, "10.1.0.0/16", "10.2.0.0/16")
        let second = try Samples.policy(.in, "10.1.0.0/16", "10.2.0.0/16", number: 8)
        #expect(
            refusal(ApplyAssociations(addPolicies: [first, second]))
                == Refusal(.policy, words, field: "add_policies[1]"))
        #expect(
            refusal(ApplyAssociations(removePolicies: [first.key, second.key]))
                == Refusal(.policy, words, field: "remove_policies[1]"))
        // Removed and added, it is replaced; and the other direction is another policy.
        let forward = try Samples.policy(.forward, "10.1.0.0/16", "10.2.0.0/16")
        #expect(
            refusal(
                ApplyAssociations(
                    removePolicies: [first.key], remove: [key], add: [one], addPolicies: [first, forward])) == nil)
        let rule = PassRule.listenPort(owner: Samples.object, port: try Port(51820), on: nil)
        #expect(refusal(ApplyRules(add: [rule, rule])) == Refusal(.policy, words, field: "add[1]"))
        #expect(refusal(ApplyRules(remove: [rule, rule])) == Refusal(.policy, words, field: "remove[1]"))
        #expect(refusal(ApplyRules(reset: true, remove: [rule], add: [rule])) == nil)
    }
}
