import GRDB
import Testing
import Wire

@testable import aifw_apid

@Suite struct AssociationTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func insert(_ association: AssociationRecord) async throws -> AssociationRecord {
        try await fixture.store.write { try $0.insert(association, by: .tester) }
    }

    /// The clashes that a record is refused with.
    private func clashes(_ association: AssociationRecord) async throws -> [Clash] {
        do {
            _ = try await insert(association)
            Issue.record("it was taken")
            return []
        } catch StoreError.clash(let clashes) {
            return clashes
        }
    }

    @Test func `What is stored comes back as it was`() async throws {
        var record = try AssociationRecord.sample(
            localNetworks: "10.0.0.0/24, fd00:1::/64", remoteNetworks: "10.1.0.0/16, fd00:2::/64")
        record.protection = .espAndAH
        record.encryption = .aes256CBC
        record.authentication = .hmacSHA512
        record.keys.authenticationIn = .sample()
        record.keys.authenticationOut = .sample()
        record.replayWindow = ReplayWindow(validated: 32)
        record.isEnabled = false
        let stored = try await insert(record)
        #expect(stored == record.stamped(stored.stamp))
        #expect(stored.stamp.revision == 1)
        #expect(try await fixture.store.read { try $0.association(stored.id) } == stored)
        #expect(try await fixture.store.read { try $0.associations() } == [stored])
    }

    @Test func `A change gets a revision and a line in the log, no change neither`() async throws {
        let stored = try await insert(.sample())
        let same = try await fixture.store.write { try $0.update(stored, by: .tester) }
        #expect(same.stamp == stored.stamp)
        var renamed = stored
        renamed.name = try ObjectName("renamed")
        let given = renamed
        let updated = try await fixture.store.write { try $0.update(given, by: .tester) }
        #expect(updated.stamp.revision == 2)
        try await fixture.store.write { _ = try $0.deleteAssociation(stored.id, by: .tester) }
        let log = try await fixture.store.read { try $0.log(limit: 10) }
        #expect(log.map(\.action) == [.delete, .update, .create])
        #expect(log.last?.object == stored.object)
        #expect(stored.object.kind == .association)
        let error = await #expect(throws: StoreError.self) {
            try await fixture.store.read { try $0.association(stored.id) }
        }
        #expect(error.map { "\($0)" } == "there is no such association")
    }

    @Test func `Clashes are all told, each with the association that has it`() async throws {
        let office = try await insert(.sample(localNetworks: "10.0.0.0/24", remoteNetworks: "10.1.0.0/24"))
        let other = try AssociationRecord.sample(
            localNetworks: "10.0.0.0/24", remoteNetworks: "10.1.0.0/24, 10.2.0.0/24")
        let found = try await clashes(other)
        #expect(found.map(\.field) == ["name", "spi_in", "spi_out", "dst_networks"])
        #expect(found.allSatisfy { $0.other == office.object })
        #expect(
            found.last?.description
                == "10.1.0.0/24 is joined with 10.0.0.0/24 by association \"office-to-dc\" (\(office.id)) already")
        let problem = StoreError.clash(found).problem
        #expect(problem.code == .nameInUse && problem.errors.count == 4)
    }

    @Test func `Two hosts have one association for their own traffic`() async throws {
        let office = try await insert(.sample())
        var other = try AssociationRecord.sample("other", number: 2, remote: "198.51.100.1")
        other.mode = .transport
        let found = try await clashes(other)
        #expect(found.map(\.field) == ["dst_addr"])
        #expect(
            found.first?.description == "the traffic between 203.0.113.1 and 198.51.100.1 is protected by "
                + "association \"office-to-dc\" (\(office.id)) already")
    }

    @Test func `The same outgoing SPI at another far end, and other networks, are no clash`() async throws {
        _ = try await insert(.sample(localNetworks: "10.0.0.0/24", remoteNetworks: "10.1.0.0/24"))
        var other = try AssociationRecord.sample(
            "other", number: 2, localNetworks: "10.0.0.0/24", remoteNetworks: "10.1.0.0/25")
        other.spiOut = try SPI(0x2001)
        _ = try await insert(other)
    }

    @Test func `Networks that are let go of are free, also by deletion`() async throws {
        var first = try await insert(.sample(localNetworks: "10.0.0.0/24", remoteNetworks: "10.1.0.0/24"))
        let second = try AssociationRecord.sample(
            "second", number: 2, localNetworks: "10.0.0.0/24", remoteNetworks: "10.1.0.0/24")
        #expect(try await clashes(second).map(\.field) == ["dst_networks"])
        first.remoteNetworks = try NetworkList("10.2.0.0/24")
        let moved = first
        first = try await fixture.store.write { try $0.update(moved, by: .tester) }
        _ = try await insert(second)
        let third = try AssociationRecord.sample(
            "third", number: 3, localNetworks: "10.0.0.0/24", remoteNetworks: "10.2.0.0/24")
        #expect(try await clashes(third).map(\.other) == [first.object])
        let id = first.id
        try await fixture.store.write { _ = try $0.deleteAssociation(id, by: .tester) }
        _ = try await insert(third)
    }

    @Test func `The lowest free number is found whatever was deleted`() async throws {
        func next() async throws -> UInt32? {
            try await fixture.store.read { try $0.nextFreeAssociationNumber()?.rawValue }
        }
        #expect(try await next() == 1)
        var stored: [AssociationRecord] = []
        for number in 1...5 {
            #expect(try await next() == UInt32(number))
            stored.append(try await insert(.sample("a\(number)", number: number)))
        }
        for number in [4, 2, 5] {
            let id = stored[number - 1].id
            try await fixture.store.write { _ = try $0.deleteAssociation(id, by: .tester) }
        }
        for number in [2, 4, 5, 6] {
            #expect(try await next() == UInt32(number))
            _ = try await insert(.sample("b\(number)", number: number))
        }
        // A change that is rolled back gives nothing away.
        struct Later: Error {}
        let id = stored[0].id
        await #expect(throws: Later.self) {
            try await fixture.store.write {
                try $0.deleteAssociation(id, by: .tester)
                throw Later()
            }
        }
        #expect(try await next() == 7)
    }

    @Test func `No number is left behind the last`() async throws {
        let most = Int(AssociationNumber.range.upperBound)
        var record = try AssociationRecord.sample(number: 1)
        record = AssociationRecord(
            id: record.id, number: try AssociationNumber(most), name: record.name, local: record.local,
            remote: record.remote, spiIn: record.spiIn, spiOut: record.spiOut, keys: record.keys)
        _ = try await insert(record)
        #expect(try await fixture.store.read { try $0.nextFreeAssociationNumber() } == nil)
    }

    @Test func `Of those between two gateways one with each protection is found, by an index`() async throws {
        var ids: Set<ObjectID> = []
        for (number, protection) in [IPsecProtection.esp, .esp, .ah, .espAndAH, .esp].enumerated() {
            var record = try AssociationRecord.sample(
                "a\(number)", number: number + 1, remote: number == 4 ? "198.51.100.9" : "198.51.100.1",
                localNetworks: "10.\(number).0.0/16", remoteNetworks: "10.100.0.0/16")
            record.protection = protection
            record.isEnabled = number != 3
            if number < 2 { ids.insert(record.id) }
            _ = try await insert(record)
        }
        let (local, remote) = (try IPAddress("203.0.113.1"), try IPAddress("198.51.100.1"))
        let own = try #require(ids.first)
        let others = try await fixture.store.read {
            try $0.enabledAssociations(between: local, and: remote, besides: own)
        }
        #expect(others.map(\.protection) == [.esp, .ah])
        #expect(!others.map(\.id).contains(own))
        let plan = try await fixture.store.pool.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    EXPLAIN QUERY PLAN \(AssociationRecord.select)
                    WHERE local = 'a' AND remote = 'b' AND protocol = 'esp' AND enabled = 1 AND id <> x'00' LIMIT 1
                    """
            ).map { "\($0["detail"] as String? ?? "")" }
        }
        #expect(
            plan == ["SEARCH association USING INDEX association_gateways (local=? AND remote=? AND protocol=?)"])
    }

    @Test func `A list is cut, sorted and searched by name and addresses`() async throws {
        for number in 1...7 {
            fixture.clock.advance(milliseconds: 1)
            _ = try await insert(
                .sample(
                    "site \(number)", number: number, localNetworks: "10.0.0.0/24, fd00:\(number)::/64",
                    remoteNetworks: "10.\(number).0.0/16, fd01::/64"))
        }
        func names(_ change: (inout ListQuery) throws -> Void) async throws -> ([String], aifw_apid.Cursor?, Int) {
            var query = ListQuery()
            try change(&query)
            let asked = query
            let page = try await fixture.store.read { try $0.associations(asked) }
            return (page.records.map(\.name.description), page.next, page.total)
        }
        let (first, cursor, total) = try await names {
            $0.limit = 4
            $0.sort = .nameDescending
        }
        #expect(first == ["site 7", "site 6", "site 5", "site 4"] && total == 7)
        let (rest, end, _) = try await names {
            $0.limit = 4
            $0.sort = .nameDescending
            $0.cursor = cursor
        }
        #expect(rest == ["site 3", "site 2", "site 1"] && end == nil)
        for search in ["ITE 3", "198.51.100.3", "10.3.", "fd00:3:"] {
            #expect(try await names { $0.search = search }.0 == ["site 3"], "\(search)")
        }
        for search in ["51.100", "AAAA", "d00:3"] {
            #expect(try await names { $0.search = search }.0.isEmpty, "\(search)")
        }
    }

    @Test func `Every sealed key is counted, and found where it is under another master key`() async throws {
        _ = try await fixture.tunnel()
        var record = try AssociationRecord.sample()
        record.keys.authenticationIn = .sample()
        record.keys.authenticationOut = .sample()
        let stored = try await insert(record)
        #expect(try await fixture.store.read { try $0.secretCount() } == 5)
        let other = SealingKeyID(bytes: Array(repeating: 9, count: 8))!
        let secrets = try await fixture.store.read { try $0.secrets(notUnder: other, limit: .max) }
        #expect(secrets.dropFirst().map(\.secret) == stored.keys.secrets)
        #expect(secrets.dropFirst().allSatisfy { $0.object == stored.id && $0.place.secretClass == .client })
        #expect(
            secrets.dropFirst().map(\.place.purpose) == AssociationKeySlot.allCases.map(\.purpose))
    }

    @Test func `A change tells of the secrets that are new with it, and of no others`() async throws {
        let record = try AssociationRecord.sample()
        let new = try await fixture.store.write { transaction in
            transaction.state.newSecrets = []
            _ = try transaction.insert(record, by: .tester)
            return transaction.state.newSecrets
        }
        #expect(new == record.keys.secrets)
        let later = try await fixture.store.write { transaction in
            var changed = try transaction.association(record.id)
            changed.keys.encryptionOut = .sample()
            transaction.state.newSecrets = []
            let stored = try transaction.update(changed, by: .tester)
            return (transaction.state.newSecrets, stored.keys.encryptionOut?.secret)
        }
        #expect(later.0 == [later.1])
    }
}
