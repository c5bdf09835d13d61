import FilterRules
import Testing
import Wire

@Suite struct `The anchor as nft takes it` {
    @Test func `A script makes the whole anchor and no base chain`() {
        let digest = #/ [0-9a-f]{16}"$/#
        let lines = NftablesText.script(Example.rules).split(separator: "\n").map { line in
            // The digest of a rule's own text.
            line.hasPrefix("add rule") ? String(line.replacing(digest, with: "\"")) : String(line)
        }
        #expect(
            lines
                == """
                add table inet aifw
                add chain inet aifw aifw-vpn
                flush chain inet aifw aifw-vpn
                add chain inet aifw aifw-vpn-out
                flush chain inet aifw aifw-vpn-out
                add chain inet aifw aifw-vpn-nat
                flush chain inet aifw aifw-vpn-nat
                delete chain inet aifw aifw-vpn-nat
                add set inet aifw wg_ports { type inet_service; size 65536; }
                flush set inet aifw wg_ports
                add set inet aifw wg_ports_on { type ifname . inet_service; size 65536; }
                flush set inet aifw wg_ports_on
                add set inet aifw wg_interfaces { type ifname; size 10000; }
                flush set inet aifw wg_interfaces
                add set inet aifw gateways4 { type ipv4_addr . ipv4_addr . inet_proto; size 65536; }
                flush set inet aifw gateways4
                add set inet aifw gateways6 { type ipv6_addr . ipv6_addr . inet_proto; size 65536; }
                flush set inet aifw gateways6
                add set inet aifw reqids { typeof ipsec in reqid; size 65536; }
                flush set inet aifw reqids
                add set inet aifw masquerade4 { type ifname . ipv4_addr; flags interval; size 160000; }
                flush set inet aifw masquerade4
                add set inet aifw masquerade6 { type ifname . ipv6_addr; flags interval; size 160000; }
                flush set inet aifw masquerade6
                add rule inet aifw aifw-vpn fib daddr type local udp dport @wg_ports accept comment "listen-ports"
                add rule inet aifw aifw-vpn fib daddr type local iifname . udp dport @wg_ports_on accept comment "listen-ports-on"
                add rule inet aifw aifw-vpn iifname @wg_interfaces accept comment "tunnels"
                add rule inet aifw aifw-vpn-out oifname @wg_interfaces accept comment "tunnels"
                add rule inet aifw aifw-vpn meta l4proto { 50, 51 } ip saddr . ip daddr . meta l4proto @gateways4 accept comment "gateways4-packets"
                add rule inet aifw aifw-vpn udp dport { 500, 4500 } ip saddr . ip daddr . meta l4proto @gateways4 accept comment "gateways4-ike"
                add rule inet aifw aifw-vpn-out meta l4proto { 50, 51 } ip daddr . ip saddr . meta l4proto @gateways4 accept comment "gateways4-packets"
                add rule inet aifw aifw-vpn-out udp dport { 500, 4500 } ip daddr . ip saddr . meta l4proto @gateways4 accept comment "gateways4-ike"
                add rule inet aifw aifw-vpn meta l4proto { 50, 51 } ip6 saddr . ip6 daddr . meta l4proto @gateways6 accept comment "gateways6-packets"
                add rule inet aifw aifw-vpn udp dport { 500, 4500 } ip6 saddr . ip6 daddr . meta l4proto @gateways6 accept comment "gateways6-ike"
                add rule inet aifw aifw-vpn-out meta l4proto { 50, 51 } ip6 daddr . ip6 saddr . meta l4proto @gateways6 accept comment "gateways6-packets"
                add rule inet aifw aifw-vpn-out udp dport { 500, 4500 } ip6 daddr . ip6 saddr . meta l4proto @gateways6 accept comment "gateways6-ike"
                add rule inet aifw aifw-vpn ipsec in reqid @reqids accept comment "associations"
                add rule inet aifw aifw-vpn-out ipsec out reqid @reqids accept comment "associations"
                add chain inet aifw aifw-vpn-nat { type nat hook postrouting priority srcnat + 1; policy accept; }
                flush chain inet aifw aifw-vpn-nat
                add rule inet aifw aifw-vpn-nat iifname . ip saddr @masquerade4 oifname != @wg_interfaces rt ipsec missing masquerade comment "masquerade4"
                add rule inet aifw aifw-vpn-nat iifname . ip6 saddr @masquerade6 oifname != @wg_interfaces rt ipsec missing masquerade comment "masquerade6"
                add element inet aifw wg_ports { 51820 }
                add element inet aifw wg_ports_on { "eth0.100" . 51821 }
                add element inet aifw wg_interfaces { "wg0", "wg9999" }
                add element inet aifw gateways4 { 198.51.100.1 . 203.0.113.1 . 50, 198.51.100.1 . 203.0.113.1 . 51, 198.51.100.1 . 203.0.113.1 . 17 }
                add element inet aifw gateways6 { 2001:db8:ffff::2 . 2001:db8::1 . 50, 2001:db8:ffff::2 . 2001:db8::1 . 17 }
                add element inet aifw reqids { 2936012801, 2952790015 }
                add element inet aifw masquerade4 { "wg0" . 10.0.0.0/24 }
                add element inet aifw masquerade6 { "wg9999" . fd00::/64 }
                """.split(separator: "\n").map(String.init))
    }

    @Test func `Base chains accept and jump, and are made only where the table is missing`() {
        let base = NftablesText.reset([], makesBase: true).split(separator: "\n").suffix(7)
        #expect(
            base
                == """
                add chain inet aifw input { type filter hook input priority filter; policy accept; }
                add rule inet aifw input jump aifw-vpn
                add chain inet aifw forward { type filter hook forward priority filter; policy accept; }
                add rule inet aifw forward jump aifw-vpn
                add rule inet aifw forward jump aifw-vpn-out
                add chain inet aifw output { type filter hook output priority filter; policy accept; }
                add rule inet aifw output jump aifw-vpn-out
                """.split(separator: "\n")[...])
        #expect(!NftablesText.script([Example.listen(51820), Example.ike()]).contains("hook"))
    }

    @Test func `The chain that translates is there for what is masqueraded, and for nothing else`() {
        let chain = "add chain inet aifw aifw-vpn-nat { type nat"
        #expect(!NftablesText.reset([Example.listen(51820)], makesBase: true).contains(chain))
        #expect(NftablesText.reset([Example.masquerade("10.0.0.0/24")], makesBase: false).contains(chain))
        #expect(!NftablesText.change(remove: [Example.masquerade("10.0.0.0/24")], add: []).contains(chain))
        #expect(NftablesText.mayEndTranslation([Example.listen(1), Example.masquerade("10.0.0.0/24")]))
        #expect(!NftablesText.mayEndTranslation([Example.listen(1), Example.ike()]))
        #expect(
            NftablesText.endOfTranslation
                == "flush chain inet aifw aifw-vpn-nat\ndelete chain inet aifw aifw-vpn-nat\n")
        let change = NftablesText.change(remove: [], add: [Example.masquerade("fd00::/64")])
        #expect(change.contains(chain) && change.hasSuffix("masquerade6 { \"wg0\" . fd00::/64 }\n"))
    }

    @Test func `A change adds what it deletes first, and never deletes what it adds`() {
        let other = Example.id("33333333-3333-4333-8333-333333333333")
        let change = NftablesText.change(
            remove: [Example.packets(.esp), Example.packets(.ah), Example.ike(), Example.inner()],
            add: [Example.packets(.esp, owner: other), Example.ike(owner: other), Example.listen(51820)])
        #expect(
            change == """
                add element inet aifw gateways4 { 198.51.100.1 . 203.0.113.1 . 51 }
                add element inet aifw reqids { 2936012801 }
                delete element inet aifw gateways4 { 198.51.100.1 . 203.0.113.1 . 51 }
                delete element inet aifw reqids { 2936012801 }
                add element inet aifw wg_ports { 51820 }
                add element inet aifw gateways4 { 198.51.100.1 . 203.0.113.1 . 50, 198.51.100.1 . 203.0.113.1 . 17 }

                """)
        #expect(NftablesText.change(remove: [], add: []) == "")
    }

    @Test func `An element that several rules have is told once`() {
        let twice = NftablesText.change(
            remove: [Example.ike(), Example.ike(owner: Example.tunnel)],
            add: [Example.listen(1), Example.listen(1, owner: Example.association)])
        #expect(twice.components(of: "198.51.100.1") == 2)
        #expect(twice.components(of: "wg_ports { 1 }") == 1)
    }

    @Test func `A name that would mean a set is quoted`() {
        let change = NftablesText.change(remove: [], add: [Example.listen(51820, on: "wan@eth0")])
        #expect(change == "add element inet aifw wg_ports_on { \"wan@eth0\" . 51820 }\n")
    }

    @Test func `A constant rule is known by a comment of its own, which nft takes`() {
        for chain in NftablesRule.Chain.allCases {
            let comments = NftablesRule.comments(of: chain)
            #expect(Set(comments).count == comments.count)
            #expect(comments.allSatisfy { $0.utf8.count <= 128 && !$0.contains("\"") })
        }
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
