import Testing
import Wire

@testable import aifw_apid

@Suite struct ListTests {
    @Test(arguments: ListQuery.Sort.allCases)
    func `pages hold every peer once, in order`(sort: ListQuery.Sort) async throws {
        let (fixture, tunnel) = try await filled(23)
        var query = ListQuery()
        query.limit = 5
        query.sort = sort
        var names: [String] = []
        repeat {
            let asked = query
            let page = try await fixture.store.read { try $0.peers(of: tunnel.id, asked) }
            #expect(page.total == 23)
            names += page.records.map(\.name.description)
            query.cursor = try page.next.map { try #require(Cursor($0.description)) }
        } while query.cursor != nil
        let expected = (0..<23).map { "peer \($0 + 10)" }
        #expect(names == (sort.isDescending ? expected.reversed() : expected))
    }

    @Test func `a cursor survives the deletion of the row it came from, and of those around it`() async throws {
        let (fixture, tunnel) = try await filled(10)
        var query = ListQuery()
        query.limit = 4
        let asked = query
        let page = try await fixture.store.read { try $0.peers(of: tunnel.id, asked) }
        for peer in page.records.suffix(2) {
            try await fixture.store.write { _ = try $0.deletePeer(peer.id, of: tunnel.id, by: .tester) }
        }
        query.cursor = page.next
        let next = query
        let rest = try await fixture.store.read { try $0.peers(of: tunnel.id, next) }
        #expect(rest.records.map(\.name.description) == ["peer 14", "peer 15", "peer 16", "peer 17"])
        #expect(rest.total == 8)
    }

    @Test func `a page that ends with the last row has no next`() async throws {
        let (fixture, tunnel) = try await filled(4)
        var query = ListQuery()
        query.limit = 4
        let asked = query
        #expect(try await fixture.store.read { try $0.peers(of: tunnel.id, asked) }.next == nil)
    }

    @Test func `a search finds parts of names and the beginnings of addresses and keys`() async throws {
        let (fixture, tunnel) = try await filled(12)
        let peer = try await fixture.peer("Büro 100%_'", of: tunnel, allowedIPs: "10.0.0.77, 192.168.4.0/24")
        let key = peer.publicKey.description
        for search in ["RO 100%", "_'", "10.0.0.77", "192.168.4", String(key.prefix(9)), String(key.dropLast()), key] {
            var query = ListQuery()
            query.search = search
            let asked = query
            let page = try await fixture.store.read { try $0.peers(of: tunnel.id, asked) }
            #expect(page.records == [peer], "\(search)")
            #expect(page.total == 1)
        }
        for search in ["168.4", "%", "' OR 1 = 1 --", String(key.dropFirst(2))] {
            var query = ListQuery()
            query.search = search
            let asked = query
            let found = try await fixture.store.read { try $0.peers(of: tunnel.id, asked) }
            #expect(found.records == (search == "%" ? [peer] : []), "\(search)")
        }
    }

    @Test func `tunnels are listed alike`() async throws {
        let fixture = try StoreFixture()
        for number in 0..<3 {
            _ = try await fixture.tunnel("t\(number)", number: number, address: "10.\(number).0.1/24")
        }
        var query = ListQuery()
        query.sort = .nameDescending
        query.limit = 2
        let asked = query
        let page = try await fixture.store.read { try $0.tunnels(asked) }
        #expect(page.records.map(\.name.description) == ["t2", "t1"])
        #expect(page.total == 3)
        query.search = "10.1."
        let search = query
        #expect(try await fixture.store.read { try $0.tunnels(search) }.records.map(\.name.description) == ["t1"])
    }

    @Test func `the next interface and port are the lowest that nobody has`() async throws {
        let fixture = try StoreFixture()
        _ = try await fixture.tunnel()
        _ = try await fixture.tunnel("c", number: 2, address: "10.2.0.1/24")
        let foreign = try TunnelInterface("wg1")
        let (interface, port) = try await fixture.store.read { transaction in
            (try transaction.nextFreeInterface(foreign: [foreign]), try transaction.nextFreePort())
        }
        #expect(interface?.description == "wg3")
        #expect(port?.rawValue == 51821)
    }

    @Test func `peers that expired in between are found`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        var peer = try await fixture.peer("laptop", of: tunnel)
        _ = try await fixture.peer("phone", of: tunnel)
        peer.expiresAt = fixture.clock.now
        let expiring = peer
        let stored = try await fixture.store.write { try $0.update(expiring, by: .tester) }
        let now = fixture.clock.now
        let before = Timestamp(milliseconds: now.milliseconds - 1)
        #expect(try await fixture.store.read { try $0.peersExpired(after: before, upTo: now) } == [stored])
        #expect(try await fixture.store.read { try $0.peersExpired(after: now, upTo: .now) } == [])
        #expect(!stored.isActive(at: now) && stored.isActive(at: before))
    }

    /// A tunnel with peers `peer 10` and on, each made a moment after the other.
    private func filled(_ count: Int) async throws -> (StoreFixture, TunnelRecord) {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        for number in 0..<count {
            fixture.clock.advance(milliseconds: 1)
            _ = try await fixture.peer("peer \(number + 10)", of: tunnel)
        }
        return (fixture, tunnel)
    }
}
