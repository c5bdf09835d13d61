import FilterRules
import Testing
import Wire

@Suite struct `The parts of rules` {
    @Test func `Without a filter a rule has no parts`() {
        #expect(Example.rules.allSatisfy { $0.parts(with: .none).isEmpty })
    }

    @Test func `With nftables a part names its set and what is in it`() {
        #expect(
            Example.rules.flatMap { $0.parts(with: .nftables) } == [
                "wg_ports 51820", "wg_interfaces wg0", "wg_ports_on eth0.100 . 51821", "wg_interfaces wg9999",
                "gateways4 198.51.100.1 . 203.0.113.1 . 50", "gateways4 198.51.100.1 . 203.0.113.1 . 51",
                "gateways4 198.51.100.1 . 203.0.113.1 . 17", "reqids 2936012801",
                "gateways6 2001:db8:ffff::2 . 2001:db8::1 . 50", "gateways6 2001:db8:ffff::2 . 2001:db8::1 . 17",
                "reqids 2952790015", "masquerade4 wg0 . 10.0.0.0/24", "masquerade6 wg9999 . fd00::/64",
            ])
    }

    @Test func `Two rules that let something else through have other parts`() {
        var rules: [PassRule] = Example.rules
        for number in 0..<500 {
            rules += [Example.listen(1 + number), Example.listen(1 + number, on: "eth0"), Example.traffic(1 + number)]
            let (local, remote) = ("192.0.2.\(number % 250)", "198.18.\(number / 250).\(number % 250)")
            rules += [
                Example.packets(.esp, local, remote), Example.packets(.ah, local, remote), Example.ike(local, remote),
            ]
            rules.append(Example.inner(UInt32(2 + number), "10.\(number / 256).\(number % 256).0/24", "172.16.0.0/16"))
            rules.append(
                Example.inner(UInt32(2000 + number), "2001:db8:\(number + 1)::/48", "fd00:\(number + 1)::/32"))
            rules += [Example.masquerade("10.\(number % 250).0.0/\(16 + number / 250)", owner: Example.association)]
        }
        for filter in [FilterBackend.nftables, .pf] {
            let parts = rules.flatMap { $0.parts(with: filter) }
            #expect(Set(parts).count == parts.count)
        }
        // The same between the same ends, for somebody else: shared in nftables, apart in pf.
        let (mine, theirs) = (Example.ike(), Example.ike(owner: Example.tunnel))
        #expect(mine.parts(with: .nftables) == theirs.parts(with: .nftables))
        #expect(Set(mine.parts(with: .pf)).isDisjoint(with: theirs.parts(with: .pf)))
        // The other way round is something else.
        #expect(
            Example.ike("192.0.2.1", "192.0.2.2").parts(with: .nftables)
                != Example.ike("192.0.2.2", "192.0.2.1")
                .parts(with: .nftables))
    }

    // MARK: What the kernel has is named the same

    @Test(
        arguments: [
            (NftablesSet.ports, [0xCA, 0x6C], "wg_ports 51820"),
            (
                .portsOn, Array("eth0".utf8) + Array(repeating: 0, count: 12) + [0xCA, 0x6C, 0, 0],
                "wg_ports_on eth0 . 51820"
            ),
            (.interfaces, Array("wg9999".utf8) + Array(repeating: 0, count: 10), "wg_interfaces wg9999"),
            (.gateways4, [198, 51, 100, 1, 203, 0, 113, 1, 50, 0, 0, 0], "gateways4 198.51.100.1 . 203.0.113.1 . 50"),
            (
                .gateways6, Array(repeating: 0, count: 15) + [1] + Array(repeating: 0, count: 15) + [2, 17, 0, 0, 0],
                "gateways6 ::1 . ::2 . 17"
            ),
            (.reqids, withUnsafeBytes(of: UInt32(0xAF00_0001)) { Array($0) }, "reqids 2936012801"),
        ] as [(NftablesSet, [UInt8], String)])
    func `A key is named as its element`(set: NftablesSet, key: [UInt8], part: String) {
        #expect(set.keyLength == key.count)
        #expect(set.part(ofKey: key) == part)
    }

    @Test(
        arguments: [
            ([10, 0, 0, 0], [10, 0, 0, 255], "10.0.0.0/24"), ([10, 0, 0, 1], [10, 0, 0, 1], "10.0.0.1/32"),
            ([0, 0, 0, 0], [255, 255, 255, 255], "0.0.0.0/0"),
            ([10, 0, 0, 0], [10, 0, 0, 254], "10.0.0.0-10.0.0.254"),
            ([10, 0, 0, 1], [10, 0, 0, 255], "10.0.0.1-10.0.0.255"),
            ([9, 0, 0, 0], [10, 0, 0, 0], "9.0.0.0-10.0.0.0"),
        ] as [([UInt8], [UInt8], String)])
    func `A range is named as the network that it is, and as a range where it is none`(
        first: [UInt8], last: [UInt8], network: String
    ) {
        let interface = Array("wg0".utf8) + [UInt8](repeating: 0, count: 13)
        let set = NftablesSet.masquerade4
        #expect(set.part(ofKey: interface + first, to: interface + last) == "masquerade4 wg0 . \(network)")
        let other = Array("wg1".utf8) + [UInt8](repeating: 0, count: 13)
        #expect(set.part(ofKey: interface + first, to: other + last) == "masquerade4 wg0-wg1 . \(network)")
        #expect(set.part(ofKey: interface + first, to: interface) == nil)
        #expect(set.part(ofKey: interface + first) == "masquerade4 wg0 . \(IPAddress(bytes: first)!)/32")
    }

    @Test(arguments: NftablesSet.allCases)
    func `A key of another length is none`(set: NftablesSet) {
        for length in 0...64 where length != set.keyLength {
            #expect(set.part(ofKey: [UInt8](repeating: 65, count: length)) == nil)
        }
    }

    @Test(arguments: [
        [UInt8](repeating: 0, count: 16), [UInt8](repeating: 65, count: 16),
        Array("a b".utf8) + [UInt8](repeating: 0, count: 13), [0xFF] + [UInt8](repeating: 0, count: 15),
    ])
    func `A key that names no interface is none`(key: [UInt8]) {
        #expect(NftablesSet.interfaces.part(ofKey: key) == nil)
    }
}
