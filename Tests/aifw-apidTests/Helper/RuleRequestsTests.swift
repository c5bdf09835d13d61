import FilterRules
import Testing
import Wire

@testable import aifw_apid

struct RuleRequestsTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private static func tunnel(_ number: Int = 0) throws -> TunnelRecord {
        var tunnel = try TunnelRecord.sample("t\(number)", number: number, address: "10.0.\(number).1/24")
        tunnel.isEnabled = true
        return tunnel
    }

    /// The parts that are loaded when these rules are.
    private static func loaded(
        _ rules: [PassRule], filter: FilterBackend = .nftables, isWhole: Bool = true, besides stray: [String] = []
    ) -> LoadedRules {
        LoadedRules(filter: filter, isWhole: isWhole, parts: Set(rules.flatMap { $0.parts(with: filter) } + stray))
    }

    private func requests(
        from former: AssociationRecord?, to new: AssociationRecord?
    ) async throws -> RuleRequests {
        try await fixture.store.read { try $0.ruleRequests(from: former, to: new) }
    }

    // MARK: A change

    @Test func `A tunnel opens what it needs when it is enabled, and closes it when it no longer is`() async throws {
        let tunnel = try Self.tunnel()
        var stopped = tunnel
        stopped.isEnabled = false
        let (start, stop, none) = try await fixture.store.read { [stopped] transaction in
            (
                transaction.ruleRequests(from: stopped, to: tunnel), transaction.ruleRequests(from: tunnel, to: nil),
                transaction.ruleRequests(from: stopped, to: nil)
            )
        }
        #expect(start.closing.isEmpty && start.opening.ofRules.map(\.add) == [tunnel.passRules])
        #expect(stop.opening.isEmpty && stop.closing.ofRules.map(\.remove) == [tunnel.passRules])
        #expect(none.opening.isEmpty && none.closing.isEmpty)
    }

    @Test func `Another port closes the old one before and opens the new one after; another name is nothing`()
        async throws
    {
        let tunnel = try Self.tunnel()
        var changed = tunnel
        changed.name = try ObjectName("renamed")
        changed.mtu = try MTU(1380)
        let unchanged = try await fixture.store.read { [changed] in $0.ruleRequests(from: tunnel, to: changed) }
        #expect(unchanged.closing.isEmpty && unchanged.opening.isEmpty)
        changed.listenPort = try Port(443)
        let port = try await fixture.store.read { [changed] in $0.ruleRequests(from: tunnel, to: changed) }
        #expect(port.closing.ofRules.map(\.remove) == [[tunnel.passRules[0]]])
        #expect(port.opening.ofRules.map(\.add) == [[changed.passRules[0]]])
        changed = tunnel
        changed.listenInterface = try InterfaceName("eth0")
        let interface = try await fixture.store.read { [changed] in $0.ruleRequests(from: tunnel, to: changed) }
        #expect(interface.closing.ofRules.map(\.remove) == [[tunnel.passRules[0]]])
        #expect(interface.opening.ofRules.map(\.add) == [[changed.passRules[0]]])
    }

    @Test func `What another association between the same gateways needs is asked for again when one goes`()
        async throws
    {
        let first = try AssociationRecord.between(
            "192.0.2.1", "198.51.100.7", protection: .espAndAH, networks: ("10.1.0.0/24", "10.2.0.0/24"))
        let second = try AssociationRecord.between(
            "192.0.2.1", "198.51.100.7", number: 2, networks: ("10.1.1.0/24", "10.2.1.0/24"))
        let elsewhere = try AssociationRecord.between("192.0.2.1", "198.51.100.8", number: 3)
        for record in [first, second, elsewhere] {
            _ = try await fixture.store.write { try $0.insert(record, by: .tester) }
        }
        let request = try #require(try await requests(from: first, to: nil).closing.ofRules.first)
        #expect(request.remove == first.passRules)
        #expect(request.add == [second.passRules[0], second.passRules[1]])
        // After that one, nothing is lacking of the other, and what only the first had is gone.
        let left = Set(request.add.flatMap { $0.parts(with: .nftables) })
        let gone = Set(request.remove.flatMap { $0.parts(with: .nftables) }).subtracting(left)
        #expect(gone.isDisjoint(with: second.passRules.flatMap { $0.parts(with: .nftables) }))
        #expect(gone.count == 2)
        let alone = try #require(try await requests(from: elsewhere, to: nil).closing.ofRules.first)
        #expect(alone.add.isEmpty)
    }

    @Test func `What an association keeps is asked for again when one of its rules goes`() async throws {
        let record = try AssociationRecord.between(
            "192.0.2.1", "198.51.100.7", networks: ("10.1.0.0/24", "10.2.0.0/24,10.3.0.0/24"))
        var fewer = record
        fewer.remoteNetworks = try NetworkList("10.2.0.0/24")
        let change = try await requests(from: record, to: fewer)
        #expect(change.opening.isEmpty)
        let request = try #require(change.closing.ofRules.first)
        #expect(request.remove == [record.passRules[3]])
        #expect(request.add == fewer.passRules)
        let same = try await requests(from: record, to: record)
        #expect(same.closing.isEmpty && same.opening.isEmpty)
    }

    // MARK: A comparison

    @Test(arguments: [FilterBackend.nftables, .pf])
    func `What is loaded as desired is left alone, and what is missing is added`(filter: FilterBackend) throws {
        let rules = try (0..<3).flatMap { try Self.tunnel($0).passRules }
        let equal = RuleRequests(desired: rules, loaded: Self.loaded(rules, filter: filter))
        #expect(equal.closing.isEmpty && equal.opening.isEmpty)
        let less = RuleRequests(desired: rules, loaded: Self.loaded(Array(rules.dropLast()), filter: filter))
        #expect(less.closing.isEmpty)
        #expect(less.opening.ofRules.map(\.add) == [[rules[5]]])
        #expect(less.opening.ofRules.allSatisfy { !$0.reset })
    }

    @Test func `What no rule asks for is closed first, with what is rightly there kept`() throws {
        let rules = try (0..<3).flatMap { try Self.tunnel($0).passRules }
        let requests = RuleRequests(
            desired: rules, loaded: Self.loaded(Array(rules.dropLast()), besides: ["somebody's own"]))
        let closing = try #require(requests.closing.ofRules.first)
        #expect(requests.closing.count == 1 && closing.reset)
        #expect(closing.add == rules.dropLast() && closing.remove.isEmpty)
        #expect(requests.opening.ofRules.map(\.add) == [[rules[5]]])
    }

    @Test func `What no rule asks for goes alone where a rule has that part, however much else there is`() throws {
        let rules = try (0..<1500).flatMap { number in
            PassRules.tunnel(
                ObjectID(bits: UInt128(number)), interface: try TunnelInterface(number: number),
                port: try Port(1000 + number), listenInterface: nil, masquerading: [])
        }
        let strays = [
            "gateways4 198.51.100.1 . 203.0.113.1 . 50", "gateways4 198.51.100.1 . 203.0.113.1 . 17",
            "gateways6 2001:db8::2 . 2001:db8::1 . 51", "masquerade4 wg3 . 10.9.0.0/16", "masquerade6 wg3 . fd00::/64",
            "reqids 2936012801", "wg_interfaces wg1999", "wg_ports 9", "wg_ports_on eth0 . 9",
        ]
        let requests = RuleRequests(desired: rules, loaded: Self.loaded(rules, besides: strays))
        let closing = try #require(requests.closing.ofRules.first)
        #expect(requests.closing.count == 1 && requests.opening.isEmpty)
        #expect(!closing.reset && closing.add.isEmpty)
        #expect(Set(closing.remove.flatMap { $0.parts(with: .nftables) }) == Set(strays))
        // With another filter, or one part among them that no rule has, nothing but a reset takes them out.
        let pf = RuleRequests(desired: rules, loaded: Self.loaded(rules, filter: .pf, besides: ["wg_ports 9"]))
        #expect(pf.closing.ofRules.first?.reset == true)
        for other in [
            "wg_interfaces eth7", "masquerade4 wg3 . 10.1.2.3-10.1.2.9", "wg_ports 9-11", "wg_ports 0", "reqids 7",
            "gateways4 198.51.100.1 . 203.0.113.1 . 6", "gateways4 2001:db8::2 . 2001:db8::1 . 50", "reqids", "?", "",
        ] {
            let all = RuleRequests(desired: rules, loaded: Self.loaded(rules, besides: strays + [other]))
            #expect(all.closing.ofRules.first?.reset == true, "\(other)")
        }
    }

    @Test func `More strays than a request holds are removed by several`() throws {
        let strays = (1...3000).map { "wg_ports \($0)" }
        let closing = RuleRequests(desired: [], loaded: Self.loaded([], besides: strays)).closing.ofRules
        #expect(closing.map(\.remove.count) == [2048, 952] && closing.allSatisfy { !$0.reset })
    }

    @Test func `An anchor that is not whole is made anew, also where it is to be empty`() throws {
        let empty = RuleRequests(desired: [], loaded: Self.loaded([], isWhole: false))
        #expect(empty.closing.ofRules.map(\.reset) == [true])
        #expect(empty.opening.isEmpty)
        let rules = try Self.tunnel().passRules
        let gone = RuleRequests(desired: rules, loaded: Self.loaded([], isWhole: false))
        #expect(gone.closing.ofRules.map(\.add) == [[]])
        #expect(gone.opening.ofRules.map(\.add) == [rules])
    }

    @Test func `Many rules are cut into requests that the helper takes, of which only the first resets`() throws {
        let rules = try (0..<1500).flatMap { number in
            PassRules.tunnel(
                ObjectID(bits: UInt128(number)), interface: try TunnelInterface(number: number),
                port: try Port(1000 + number), listenInterface: nil, masquerading: [])
        }
        let missing = RuleRequests(desired: rules, loaded: Self.loaded([])).opening.ofRules
        #expect(missing.map(\.add.count) == [2048, 952])
        let stray = RuleRequests(desired: rules, loaded: Self.loaded(rules, besides: ["?"])).closing.ofRules
        #expect(stray.map(\.reset) == [true, false])
        #expect(stray.map(\.add.count) == [2048, 952])
        for request in stray { _ = try Request.applyRules(request).frame() }
    }

    @Test func `Where nothing filters, nothing is asked for and nothing is loaded`() throws {
        let rules = try Self.tunnel().passRules
        let requests = RuleRequests(desired: rules, loaded: .none)
        #expect(requests.closing.isEmpty && requests.opening.isEmpty)
        #expect(!LoadedRules.none.has(rules[0]))
    }
}
