import GRDB
import Testing
import Wire

@testable import aifw_apid

@Suite struct AddressTests {
    @Test func `a deleted peer's address is the next one again`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        var peers: [PeerRecord] = []
        for number in 0..<5 { peers.append(try await fixture.peer("peer \(number)", of: tunnel)) }
        let second = peers[1]
        try await fixture.store.write { _ = try $0.deletePeer(second.id, of: tunnel.id, by: .tester) }
        #expect(try await fixture.peer("again", of: tunnel).allowedIPs == second.allowedIPs)
        #expect(try await fixture.peer("next", of: tunnel).allowedIPs.description == "10.0.0.7/32")
    }

    @Test func `an address that an update frees is the next one again`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        var peer = try await fixture.peer("laptop", of: tunnel)
        _ = try await fixture.peer("phone", of: tunnel)
        peer.allowedIPs = try AllowedIPs("10.0.0.128/25")
        let moved = peer
        _ = try await fixture.store.write { try $0.update(moved, by: .tester) }
        #expect(try await fixture.peer("tablet", of: tunnel).allowedIPs.description == "10.0.0.2/32")
    }

    @Test func `addresses within a wider prefix in use are passed over`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        _ = try await fixture.peer("site", of: tunnel, allowedIPs: "10.0.0.0/26")
        #expect(try await fixture.peer("laptop", of: tunnel).allowedIPs.description == "10.0.0.64/32")
        _ = try await fixture.peer(
            "everything", of: try await fixture.tunnel("b", number: 1, address: "10.1.0.1/24"), allowedIPs: "0.0.0.0/0")
    }

    @Test(arguments: [
        ("10.0.0.1/32", 0), ("10.0.0.0/31", 1), ("10.0.0.1/30", 1), ("10.0.0.1/28", 13), ("fd00::1/128", 0),
        ("fd00::/127", 1), ("fd00::1/126", 2), ("fd00::1/124", 14),
    ])
    func `a pool lends all its addresses and no more`(address: String, count: Int) async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel(address: address)
        for number in 0..<count { _ = try await fixture.peer("peer \(number)", of: tunnel) }
        #expect(try await fixture.store.read { try $0.nextFreeAddress(in: tunnel) } == nil)
        #expect(try await fixture.store.write { try $0.takeNextFreeAddress(in: tunnel) } == nil)
    }

    @Test func `each family has its pool`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel(address: "fd00::1/64, 10.0.0.1/8")
        let (first, v4, v6) = try await fixture.store.read { transaction in
            (
                try transaction.nextFreeAddress(in: tunnel), try transaction.nextFreeAddress(in: tunnel, family: .v4),
                try transaction.nextFreeAddress(in: tunnel, family: .v6)
            )
        }
        #expect(first?.description == "fd00::2")
        #expect(v6 == first)
        #expect(v4?.description == "10.0.0.2")
    }

    @Test func `a reader whose hint is newer than its snapshot still finds what is free`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel(address: "10.0.0.1/30")
        let peer = try await fixture.peer("laptop", of: tunnel)
        try await fixture.store.write { _ = try $0.deletePeer(peer.id, of: tunnel.id, by: .tester) }
        let found = try await fixture.store.pool.read { database in
            var hints = AddressHints()
            hints[tunnel.id, tunnel.address.networks[0]] = 0x0A00_0003
            return try ReadTransaction(database: database, hints: hints, now: .now).nextFreeAddress(in: tunnel)
        }
        #expect(found?.description == "10.0.0.2")
    }

    @Test func `the next address takes as few rows in a tunnel of 3000 peers as in a small one`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel(address: "10.0.0.1/8")
        try await fixture.store.write { transaction in
            for number in 0..<3000 {
                let free = try #require(try transaction.takeNextFreeAddress(in: tunnel))
                _ = try transaction.insert(
                    .sample("peer \(number)", of: tunnel.id, allowedIPs: AllowedIPs("\(free)")), by: .tester)
            }
        }
        // Where the search begins is the last address that was taken: everything below it is known to be in use.
        let (next, hint) = try await fixture.store.read { transaction in
            (try transaction.nextFreeAddress(in: tunnel), transaction.hints[tunnel.id, tunnel.address.networks[0]])
        }
        #expect(next?.description == "10.0.11.186")
        #expect(next.map { $0.bits - hint } == 1)
    }
}
