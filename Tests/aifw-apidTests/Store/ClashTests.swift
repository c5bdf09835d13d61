import Testing
import Wire

@testable import aifw_apid

@Suite struct ClashTests {
    @Test func `a tunnel's clashes are all told, each with the tunnel that has it`() async throws {
        let fixture = try StoreFixture()
        let office = try await fixture.tunnel()
        var other = try TunnelRecord.sample("office", number: 0, address: "10.0.0.129/25")
        other.publicKey = office.publicKey
        let given = other
        let clashes = try await clashes { try await fixture.store.write { _ = try $0.insert(given, by: .tester) } }
        #expect(clashes.map(\.field) == ["name", "interface", "listen_port", "public_key", "address"])
        #expect(clashes.allSatisfy { $0.other == office.object })
        #expect(clashes.last?.description == "10.0.0.128/25 overlaps 10.0.0.0/24 of tunnel \"office\" (\(office.id))")
        other = try .sample("branch", number: 1, address: "10.0.0.129/25")
        other.allowOverlap = true
        let allowed = other
        _ = try await fixture.store.write { try $0.insert(allowed, by: .tester) }
    }

    @Test(arguments: [
        ("10.0.0.7/32", "10.0.0.7/32"), ("10.0.0.0/24", "10.0.0.7/32"), ("0.0.0.0/0", "10.0.0.7/32"),
        ("192.168.7.9/32", "192.168.0.0/16"), ("192.0.0.0/8", "192.168.0.0/16"), ("fd00::5/128", "fd00::/8"),
        ("::/0", "fd00::/8"),
    ])
    func `allowed IPs that overlap another peer's are refused with its name`(own: String, other: String) async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        let site = try await fixture.peer("site", of: tunnel, allowedIPs: "10.0.0.7, 192.168.0.0/16, fd00::/8")
        let clashes = try await clashes { _ = try await fixture.peer("laptop", of: tunnel, allowedIPs: own) }
        let subject = Clash.Subject.allowedIPs(own: try Prefix(own), other: try Prefix(other))
        #expect(clashes == [Clash(subject: subject, other: site.object)])
    }

    @Test(arguments: ["10.0.0.6/32", "10.0.0.8/29", "192.169.0.0/16", "fe00::/8", "0.0.0.0/5"])
    func `allowed IPs beside another peer's are taken`(own: String) async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        _ = try await fixture.peer("site", of: tunnel, allowedIPs: "10.0.0.7, 192.168.0.0/16, fd00::/8")
        _ = try await fixture.peer("laptop", of: tunnel, allowedIPs: own)
        // Another tunnel's peers do not matter.
        let branch = try await fixture.tunnel("branch", number: 1, address: "10.1.0.1/24")
        _ = try await fixture.peer("site", of: branch, allowedIPs: "192.168.0.0/16")
    }

    @Test func `disabled and expired peers keep their addresses and names`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        var peer = try await fixture.peer("laptop", of: tunnel)
        peer.isEnabled = false
        peer.expiresAt = Timestamp(milliseconds: 1)
        let off = peer
        _ = try await fixture.store.write { try $0.update(off, by: .tester) }
        let clashes = try await clashes { _ = try await fixture.peer("laptop", of: tunnel, allowedIPs: "10.0.0.2") }
        #expect(clashes.map(\.field) == ["name", "allowed_ips"])
    }

    @Test func `a name in another Unicode form is the same name`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        _ = try await fixture.peer("Caf\u{E9}", of: tunnel)
        let clashes = try await clashes { _ = try await fixture.peer("Cafe\u{301}", of: tunnel) }
        #expect(clashes.map(\.field) == ["name"])
    }

    @Test func `a peer can't have its tunnel's key, nor a tunnel its peer's`() async throws {
        let fixture = try StoreFixture()
        var tunnel = try await fixture.tunnel()
        let laptop = try await fixture.peer("laptop", of: tunnel)
        var peer = try PeerRecord.sample("phone", of: tunnel.id, allowedIPs: AllowedIPs("10.0.0.9"))
        peer.publicKey = tunnel.publicKey
        let given = peer
        let first = try await clashes { try await fixture.store.write { _ = try $0.insert(given, by: .tester) } }
        #expect(first.map(\.other) == [tunnel.object])
        tunnel.publicKey = laptop.publicKey
        let changed = tunnel
        let second = try await clashes { try await fixture.store.write { _ = try $0.update(changed, by: .tester) } }
        #expect(second.map(\.other) == [laptop.object])
    }

    @Test func `an overlap that was permitted does not keep the other peer from being renamed`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        var first = try await fixture.peer("first", of: tunnel)
        var second = try PeerRecord.sample("second", of: tunnel.id, allowedIPs: first.allowedIPs)
        second.allowOverlap = true
        let given = second
        second = try await fixture.store.write { try $0.insert(given, by: .tester) }
        first.name = try ObjectName("renamed")
        let renamed = first
        _ = try await fixture.store.write { try $0.update(renamed, by: .tester) }
        // But the permission can't be taken back while it is made use of.
        second.allowOverlap = false
        let strict = second
        let clashes = try await clashes { try await fixture.store.write { _ = try $0.update(strict, by: .tester) } }
        #expect(clashes.map(\.other) == [renamed.object])
    }

    @Test func `routes that another peer needs are known`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        let first = try await fixture.peer("first", of: tunnel, allowedIPs: "192.168.0.0/16, 172.16.0.0/12")
        var second = try PeerRecord.sample("second", of: tunnel.id, allowedIPs: AllowedIPs("192.168.0.0/16"))
        second.allowOverlap = true
        let given = second
        second = try await fixture.store.write { try $0.insert(given, by: .tester) }
        let prefixes = first.allowedIPs.elements
        let used = try await fixture.store.read { try $0.prefixesInUse(prefixes, of: tunnel.id, besides: first.id) }
        #expect(used == [prefixes[0]])
        second.isEnabled = false
        let off = second
        _ = try await fixture.store.write { try $0.update(off, by: .tester) }
        #expect(try await fixture.store.read { try $0.prefixesInUse(prefixes, of: tunnel.id, besides: first.id) } == [])
    }

    /// The clashes that `body` is refused with.
    private func clashes(_ body: () async throws -> Void) async throws -> [Clash] {
        do {
            try await body()
            Issue.record("it was taken")
            return []
        } catch StoreError.clash(let clashes) {
            return clashes
        }
    }
}
