import FilterRules
import Foundation
import Testing
import Wire

@testable import aifw_privd

extension RealInterfaces {
    /// The anchor in the kernel's nf_tables, changed and read back, with nft(8) for whoever else uses it.
    @Suite(.serialized)
    struct NftablesTests {
        let host: NftablesHost

        init() throws { host = try NftablesHost() }

        @Test func `the anchor is made with base chains that accept, and what is loaded is read back`() throws {
            #expect(try host.read() == (false, []))
            let on = PassRule.listenPort(owner: host.tunnel, port: try Port(51821), on: try InterfaceName("wan@eth0.1"))
            let rules =
                try host.tunnelRules() + [on] + host.associationRules()
                + host.associationRules(number: 2, "2001:db8:f::2")
            try host.filter.apply(ApplyRules(reset: true, add: rules))
            #expect(try host.read() == (true, host.parts(rules)))
            let listing = try nft("list table inet aifw")
            for hook in ["input", "forward", "output"] {
                #expect(listing.contains("type filter hook \(hook) priority 0; policy accept;"))
            }
            try host.filter.apply(ApplyRules(reset: true, add: rules))
            #expect(try nft("list table inet aifw") == listing)
        }

        @Test func `a change removes and adds, and may be asked for again`() throws {
            try host.filter.apply(ApplyRules(reset: true, add: try host.tunnelRules() + host.associationRules()))
            for _ in 0..<2 {
                try host.filter.apply(ApplyRules(remove: try host.tunnelRules(), add: try host.tunnelRules(7)))
                #expect(try host.read() == (true, host.parts(try host.tunnelRules(7) + host.associationRules())))
            }
            try host.filter.apply(ApplyRules())
            try host.filter.apply(
                ApplyRules(remove: try host.tunnelRules(7) + host.associationRules() + host.associationRules()))
            #expect(try host.read() == (true, []))
        }

        @Test func `what two associations have in common stays as long as it is added again`() throws {
            let (mine, theirs) = (try host.associationRules(), try host.associationRules(.random(), number: 2))
            try host.filter.apply(ApplyRules(reset: true, add: mine + theirs))
            try host.filter.apply(ApplyRules(remove: mine, add: Array(theirs.prefix(2))))
            #expect(try host.read() == (true, host.parts(theirs)))
            try host.filter.apply(ApplyRules(remove: theirs))
            #expect(try host.read() == (true, []))
        }

        @Test func `what is masqueraded has a chain of its own, which others have no need of`() throws {
            try host.filter.apply(ApplyRules(reset: true, add: try host.tunnelRules()))
            #expect(try !nft("list table inet aifw").contains("type nat"))
            let rules = try host.tunnelRules() + host.masquerade()
            try host.filter.apply(ApplyRules(add: try host.masquerade()))
            #expect(try host.read() == (true, host.parts(rules)))
            let listing = try nft("list table inet aifw")
            #expect(listing.contains("type nat hook postrouting priority 101; policy accept;"))
            for _ in 0..<2 {
                try host.filter.apply(ApplyRules(remove: try host.masquerade(), add: try host.masquerade(1)))
                #expect(try host.read() == (true, host.parts(try host.tunnelRules() + host.masquerade(1))))
            }
            // With the last it goes.
            try host.filter.apply(ApplyRules(remove: Array(try host.masquerade(1).dropFirst())))
            #expect(try nft("list table inet aifw").contains("type nat"))
            for _ in 0..<2 {
                try host.filter.apply(ApplyRules(remove: try host.masquerade(1)))
                #expect(try host.read() == (true, host.parts(try host.tunnelRules())))
                #expect(try !nft("list table inet aifw").contains("type nat"))
            }
            try nft("add chain inet aifw aifw-vpn-nat { type nat hook postrouting priority 101; policy accept; }")
            #expect(try !host.read().isWhole)
            try host.filter.apply(ApplyRules(reset: true, add: rules))
            #expect(try nft("list table inet aifw") == listing)
        }

        @Test func `two tunnels with one network are each masqueraded by themselves`() throws {
            let rules = try (0..<2).flatMap { number in
                try ["10.0.0.0/24", "10.0.0.0/16"].dropFirst(number).map { network in
                    PassRule.masquerade(
                        owner: .random(), network: try Prefix(network), on: try TunnelInterface(number: 3 - number))
                }.prefix(1)
            }
            try host.filter.apply(ApplyRules(reset: true, add: rules))
            #expect(try host.read() == (true, host.parts(rules)))
            try host.filter.apply(ApplyRules(remove: [rules[0]]))
            #expect(try host.read() == (true, host.parts([rules[1]])))
        }

        @Test(arguments: [
            "flush chain inet aifw aifw-vpn-nat",
            "flush chain inet aifw aifw-vpn-nat; delete chain inet aifw aifw-vpn-nat",
            "insert rule inet aifw aifw-vpn-nat accept",
            "add rule inet aifw aifw-vpn-nat ip saddr 10.0.0.0/8 masquerade",
        ])
        func `a chain that translates otherwise shows, and a reset repairs it`(script: String) throws {
            let rules = try host.tunnelRules() + host.masquerade()
            try host.filter.apply(ApplyRules(reset: true, add: rules))
            let listing = try nft("list table inet aifw")
            try nft(script.replacing("; ", with: "\n"))
            #expect(try !host.read().isWhole)
            try host.filter.apply(ApplyRules(reset: true, add: rules))
            #expect(try nft("list table inet aifw") == listing)
        }

        @Test func `networks that somebody else puts there show as parts, ranges too`() throws {
            try host.filter.apply(ApplyRules(reset: true, add: try host.tunnelRules() + host.masquerade()))
            try nft("add element inet aifw masquerade4 { \"eth7\" . 10.1.2.3-10.1.2.9 }")
            let all = host.parts(try host.tunnelRules() + host.masquerade())
            #expect(try host.read() == (true, (all + ["masquerade4 eth7 . 10.1.2.3-10.1.2.9"]).sorted()))
        }

        @Test(arguments: [
            "flush ruleset", "delete table inet aifw", "flush chain inet aifw aifw-vpn",
            "flush chain inet aifw aifw-vpn-out; delete set inet aifw reqids",
            "insert rule inet aifw aifw-vpn drop", "add rule inet aifw aifw-vpn-out counter comment \"tunnels\"",
            "flush table inet aifw; delete chain inet aifw aifw-vpn-out",
        ])
        func `what somebody else takes out or puts in shows, and a reset repairs it`(script: String) throws {
            let rules = try host.tunnelRules() + host.associationRules()
            try host.filter.apply(ApplyRules(reset: true, add: rules))
            // A set with rules over it can't be deleted, so all of them go first.
            let words = script.contains("reqids") ? "flush chain inet aifw aifw-vpn; \(script)" : script
            try nft(words.replacing("; ", with: "\n"))
            #expect(try !host.read().isWhole)
            try host.filter.apply(ApplyRules(reset: true, add: rules))
            #expect(try host.read() == (true, host.parts(rules)))
        }

        @Test func `elements that somebody else flushed or added show as parts`() throws {
            try host.filter.apply(ApplyRules(reset: true, add: try host.tunnelRules()))
            try nft("flush set inet aifw wg_ports\nadd element inet aifw wg_interfaces { \"eth7\" }")
            #expect(try host.read() == (true, ["wg_interfaces eth7", "wg_interfaces wg0"]))
        }

        @Test func `a table of the host keeps its chains, and gets no base chain of ours`() throws {
            try nft(
                """
                table inet aifw {
                  set mine { type inet_service; elements = { 22 }; }
                  chain aifw-vpn {}
                  chain in { type filter hook input priority -7; policy accept; tcp dport @mine accept; jump aifw-vpn; }
                }
                table ip other {
                  chain c { type filter hook input priority 5; policy accept; tcp dport 7 drop; }
                }
                """)
            let (mine, other) = (try nft("list chain inet aifw in"), try nft("list table ip other"))
            #expect(try host.read() == (false, []))
            try host.filter.apply(ApplyRules(reset: true, add: try host.tunnelRules()))
            try host.filter.apply(ApplyRules(remove: try host.tunnelRules(), add: try host.associationRules()))
            #expect(try host.read() == (true, host.parts(try host.associationRules())))
            #expect(try nft("list chain inet aifw in") == mine)
            #expect(try nft("list table ip other") == other)
            #expect(try nft("list table inet aifw").components(separatedBy: "hook").count == 2)
        }

        @Test func `what nf_tables refuses leaves all as it was, and its words are the refusal's`() throws {
            let absent = #expect(throws: Refusal.self) {
                try host.filter.apply(ApplyRules(add: try host.tunnelRules()))
            }
            #expect(absent?.code == .filter)
            #expect(absent?.message == "nftables refused the rules: No such file or directory")

            // A set of another kind is in the way of a reset.
            try nft("table inet aifw {\nset wg_ports { type mark; elements = { 7 }; }\nchain aifw-vpn { accept; }\n}")
            let before = try nft("list ruleset")
            let refusal = #expect(throws: Refusal.self) {
                try host.filter.apply(ApplyRules(reset: true, add: try host.tunnelRules()))
            }
            #expect(refusal?.code == .filter)
            #expect(refusal?.message.hasPrefix("nftables refused the rules: ") == true)
            #expect(try nft("list ruleset") == before)
            #expect(try host.read() == (false, []))
        }

        @Test func `a script of rules is what nft takes, and loads what a reset does`() throws {
            let rules = try host.tunnelRules() + host.associationRules()
            try host.filter.apply(ApplyRules(reset: true, add: rules))
            let listing = try nft("list ruleset")
            try nft(NftablesText.script(rules))
            #expect(try nft("list ruleset") == listing)
            #expect(try host.read() == (true, host.parts(rules)))
        }

        @Test func `the base ruleset that is shipped is taken, and reloading it keeps what is loaded`() throws {
            let base = try NftablesHost.shipped()
            try nft(base)
            let fresh = try nft("list ruleset")
            try host.filter.apply(ApplyRules(reset: true, add: try host.tunnelRules() + host.associationRules()))
            let listing = try nft("list ruleset")
            #expect(fresh.components(separatedBy: "hook").count == listing.components(separatedBy: "hook").count)
            try nft(base)
            #expect(try nft("list ruleset") == listing)
            #expect(try host.read() == (true, host.parts(try host.tunnelRules() + host.associationRules())))
        }

        @Test func `the base ruleset takes the place of the chains that accept`() throws {
            try host.filter.apply(ApplyRules(reset: true, add: try host.tunnelRules()))
            try nft(try NftablesHost.shipped())
            let listing = try nft("list ruleset")
            #expect(listing.contains("type filter hook input priority 0; policy drop;"))
            #expect(listing.contains("type filter hook forward priority 0; policy drop;"))
            #expect(listing.components(separatedBy: "jump aifw-vpn\n").count == 3)
            #expect(listing.components(separatedBy: "jump aifw-vpn-out\n").count == 3)
            #expect(try host.read() == (true, host.parts(try host.tunnelRules())))
        }

        @Test func `a set takes no more than its size, and what is there stays`() throws {
            // One that an earlier helper has made without it gets it.
            try nft("table inet aifw {\nset reqids { typeof ipsec in reqid; elements = { 1 }; }\n}")
            func rule(_ number: UInt32) throws -> PassRule {
                .innerTraffic(
                    owner: host.association, number: AssociationNumber(validated: number),
                    local: try Prefix("10.1.0.0/16"), remote: try Prefix("10.2.0.0/16"))
            }
            let all = try (1...65_536).map { try rule($0) }
            try host.filter.apply(ApplyRules(reset: true, add: all))
            let refusal = #expect(throws: Refusal.self) {
                try host.filter.apply(ApplyRules(add: try host.tunnelRules() + [try rule(65_537)]))
            }
            #expect(refusal?.code == .filter)
            #expect(try host.read() == (true, host.parts(all)))
            try host.filter.apply(ApplyRules(remove: [try rule(7)], add: [try rule(7), try rule(8)]))
            try host.filter.apply(ApplyRules(remove: [try rule(7)]))
            try host.filter.apply(ApplyRules(add: [try rule(65_537)]))
        }

        @Test func `a long list comes in pages, and a change costs the same beside it`() throws {
            try host.filter.apply(ApplyRules(reset: true))
            let clock = ContinuousClock()
            func change(_ number: Int) throws -> Duration {
                try (0..<5).map { _ in
                    try clock.measure {
                        try host.filter.apply(ApplyRules(add: try host.tunnelRules(number)))
                        try host.filter.apply(ApplyRules(remove: try host.tunnelRules(number)))
                    }
                }.min() ?? .zero
            }
            let first = try change(9_000)
            var all: [PassRule] = []
            for number in 0..<12 {
                let rules = try host.batch(number)
                try host.filter.apply(ApplyRules(add: rules))
                all += rules
            }
            #expect(try host.read() == (true, host.parts(all)))
            let last = try change(9_000)
            // Far from it in truth; a machine that is busy may take long for either.
            #expect(last < first * 5 + .milliseconds(50))
        }
    }
}
