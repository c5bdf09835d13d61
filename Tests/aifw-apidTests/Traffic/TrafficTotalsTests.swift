import GRDB
import Testing
import Wire

@testable import aifw_apid

@Suite struct TrafficTotalsTests {
    @Test func `counters that begin anew are added to what was`() async throws {
        let fixture = try await TrafficFixture(peers: ["laptop", "phone"])
        #expect(fixture.received == [nil, nil, nil])
        fixture.observe(.counted(100, 10))
        #expect(fixture.received == [110, 100, 10])
        fixture.observe(.counted(150, 10))
        #expect(fixture.received == [160, 150, 10])
        // Made anew: lower, and then in another interface though higher.
        fixture.observe(.counted(20, 10))
        #expect(fixture.received == [180, 170, 10])
        fixture.observe(.counted(30, 10), interface: 8)
        #expect(fixture.received == [220, 200, 20])
        // One is out for a while, the tunnel is down for a while.
        fixture.observe(.counted(nil, 10), interface: 8)
        fixture.observe(.counted(40, 10), interface: 8)
        #expect(fixture.received == [260, 240, 20])
        fixture.observe(nil)
        fixture.observe(.counted(45, 10), interface: 8)
        #expect(fixture.received == [265, 245, 20])
    }

    @Test func `if one counter is lower, both have begun anew`() {
        var account = PeerAccount(number: 1)
        _ = account.book(Traffic(received: 100, sent: 50), in: 7)
        #expect(account.book(Traffic(received: 20, sent: 60), in: 7) == Traffic(received: 20, sent: 60))
    }

    @Test func `of readings that overlap, or come late, nothing is counted twice`() async throws {
        let fixture = try await TrafficFixture()
        fixture.observe(.counted(100))
        let late = fixture.observation(.counted(120))
        fixture.pass(seconds: 1)
        let overlapping = fixture.actual(.counted(140), began: fixture.instant - .milliseconds(1500))
        fixture.ledger.book(fixture.actual(.counted(150)), of: fixture.tunnel.id, at: fixture.instant)
        #expect(fixture.received == [150, 150])
        fixture.ledger.book(late, at: fixture.instant)
        fixture.ledger.book(overlapping, of: fixture.tunnel.id, at: fixture.instant)
        #expect(fixture.received == [150, 150])
        fixture.observe(.counted(160))
        #expect(fixture.received == [160, 160])
    }

    @Test func `after a removal counters begin at 0, even where they soon exceed what they were`() async throws {
        let fixture = try await TrafficFixture()
        fixture.observe(.counted(100))
        let late = fixture.observation(.counted(100))
        fixture.pass(seconds: 1)
        fixture.ledger.remove([fixture.peers[0].publicKey], of: fixture.tunnel.id, at: fixture.instant)
        fixture.ledger.book(late, at: fixture.instant)
        #expect(fixture.received == [100, 100])
        fixture.observe(.counted(130))
        #expect(fixture.received == [230, 230])
        // Another key is another peer to the kernel.
        var rotated = fixture.peers[0]
        rotated.publicKey = .random()
        fixture.observe(.counted(nil), of: [rotated])
        #expect(fixture.received == [230, 230])
    }

    @Test func `a tunnel keeps what peers have carried that are gone`() async throws {
        let fixture = try await TrafficFixture(peers: ["laptop", "phone"])
        fixture.observe(.counted(100, 10))
        await fixture.keeper.write(isLast: false)
        fixture.observe(.counted(120, 15))
        let gone = fixture.peers[0].id
        _ = try await fixture.store.store.write { [tunnel = fixture.tunnel.id] in
            try $0.deletePeer(gone, of: tunnel, by: .tester)
        }
        fixture.observe(.counted(20), of: [fixture.peers[1]])
        #expect(fixture.received == [140, nil, 20])
        await fixture.keeper.write(isLast: false)
        try await fixture.restart()
        #expect(fixture.received == [140, nil, 20])
        #expect(try await fixture.rows("peer_traffic") == 1)
    }

    // MARK: Ends

    @Test func `after a sudden end the kernel's counters tell what has flowed since`() async throws {
        let fixture = try await TrafficFixture(peers: ["laptop", "phone"])
        fixture.observe(.counted(100, 10))
        await fixture.keeper.write(isLast: false)
        fixture.observe(.counted(170, 10))
        #expect(fixture.received == [180, 170, 10])
        try await fixture.restart()
        #expect(fixture.received == [110, 100, 10])
        fixture.observe(.counted(180, 10))
        #expect(fixture.received == [190, 180, 10])
        // The first that is heard of a peer is that it is to go.
        try await fixture.restart()
        fixture.ledger.book(fixture.actual(.counted(185, 10)), of: fixture.tunnel.id, at: fixture.instant)
        #expect(fixture.received == [195, 185, 10])
        // The interface was made anew while nobody looked.
        try await fixture.restart()
        fixture.observe(.counted(500, 10), interface: 8)
        #expect(fixture.received == [620, 600, 20])
    }

    @Test func `in another boot an interface may have the number of one before`() async throws {
        let fixture = try await TrafficFixture()
        fixture.observe(.counted(100))
        await fixture.keeper.write(isLast: true)
        try await fixture.restart(boot: "second")
        fixture.observe(.counted(150))
        #expect(fixture.received == [250, 250])
        await fixture.keeper.write(isLast: true)
        try await fixture.restart(boot: "second")
        fixture.observe(.counted(160))
        #expect(fixture.received == [260, 260])
    }

    @Test func `what the kernel lets go of is stored with the change that takes it away`() async throws {
        let fixture = try await TrafficFixture(peers: ["laptop", "phone"])
        fixture.observe(.counted(100, 10))
        await fixture.keeper.write(isLast: false)
        fixture.observe(.counted(170, 30))
        fixture.ledger.remove([fixture.peers[0].publicKey], of: fixture.tunnel.id, at: fixture.instant)
        let ledger = fixture.ledger
        try await fixture.store.store.write { try $0.store(ledger.takeDeparted(), orElse: ledger.giveBack) }
        try await fixture.restart()
        #expect(fixture.received == [180, 170, 10])
        fixture.observe(.counted(200, 30))
        #expect(fixture.received == [400, 370, 30])
        await fixture.keeper.write(isLast: false)
        // The whole interface.
        fixture.observe(.counted(210, 33))
        fixture.ledger.remove(of: fixture.tunnel.id, at: fixture.instant)
        let other = fixture.ledger
        try await fixture.store.store.write { try $0.store(other.takeDeparted(), orElse: other.giveBack) }
        try await fixture.restart()
        #expect(fixture.received == [413, 380, 33])
        #expect(ledger.takeDeparted().tunnels.isEmpty)
    }

    @Test func `what did not get onto the disk is stored the next time`() async throws {
        struct Refused: Error {}
        let fixture = try await TrafficFixture()
        fixture.observe(.counted(100))
        let ledger = fixture.ledger
        await #expect(throws: Refused.self) {
            try await fixture.store.store.write { transaction in
                try transaction.store(ledger.takeUnsaved(), orElse: ledger.giveBack)
                throw Refused()
            }
        }
        // A part of a change that may fail by itself, too.
        try await fixture.store.store.write { transaction in
            try? transaction.attempt { transaction in
                try transaction.store(ledger.takeUnsaved(), orElse: ledger.giveBack)
                throw Refused()
            }
        }
        fixture.observe(.counted(130))
        await fixture.keeper.write(isLast: false)
        try await fixture.restart()
        #expect(fixture.received == [130, 130])
        #expect(fixture.ledger.takeUnsaved().tunnels.isEmpty)
    }

    @Test func `a write of what was observed is no change`() async throws {
        let fixture = try await TrafficFixture()
        let before = fixture.store.store.revisions.last
        fixture.observe(.counted(100))
        await fixture.keeper.write(isLast: true)
        #expect(fixture.store.store.revisions.last == before)
        let id = fixture.tunnel.id
        #expect(try await fixture.store.store.read { try $0.tunnel(id).etag } == fixture.tunnel.etag)
    }

    @Test func `a tunnel that a restore changes keeps what it has carried, and so do its peers`() async throws {
        let fixture = try await TrafficFixture()
        fixture.observe(.counted(100))
        fixture.observe(.counted(120))
        await fixture.keeper.write(isLast: true)
        var backup = try await fixture.backup()
        var tunnel = fixture.tunnel
        tunnel.mtu = try MTU(1380)
        backup.tunnels[0] = .init(record: tunnel, key: backup.tunnels[0].key)
        backup.peers[0].name = try ObjectName("tablet")
        try await fixture.restore(backup)
        fixture.observe(.counted(125))
        await fixture.keeper.write(isLast: true)
        for _ in 1...2 {
            #expect(fixture.received == [125, 125])
            #expect(try await fixture.history(.hour, of: fixture.peers[0]) == [0, 25])
            try await fixture.restart()
        }
    }

    @Test(arguments: [false, true])
    func `a tunnel that a restore brings back begins anew, and no peer has another's history`(
        isMissed: Bool
    ) async throws {
        let fixture = try await TrafficFixture(peers: ["laptop", "phone", "tablet"])
        let (first, others) = (fixture.peers[0], Array(fixture.peers[1...]))
        fixture.observe(.counted(0, 0, 0))
        fixture.observe(.counted(1000, 20, 3))
        _ = try await fixture.store.store.write { [tunnel = fixture.tunnel.id] in
            try $0.deletePeer(first.id, of: tunnel, by: .tester)
        }
        fixture.observe(.counted(20, 3), of: others)
        await fixture.keeper.write(isLast: true)
        let backup = try await fixture.backup()
        fixture.observe(.counted(24, 3), of: others)
        try await fixture.store.store.write { [tunnel = fixture.tunnel.id] in
            try $0.deleteTunnel(tunnel, by: .tester)
        }
        // It may be back before anybody has looked.
        if isMissed {
            fixture.pass(seconds: 5)
            fixture.ledger.book(
                Observation(time: fixture.store.clock.now, tunnels: [], associations: []), at: fixture.instant)
        }
        try await fixture.restore(backup)
        fixture.observe(.counted(5, 7), of: others, interface: 8)
        for _ in 1...2 {
            #expect(fixture.received == [12, nil, 5, 7])
            for range in TrafficRange.allCases {
                #expect(try await fixture.history(range).compactMap(\.self).reduce(0, +) == 12)
                for (peer, amount) in zip(others, [5, 7] as [UInt64]) {
                    #expect(try await fixture.history(range, of: peer).compactMap(\.self).reduce(0, +) == amount)
                }
            }
            await fixture.keeper.write(isLast: true)
            try await fixture.restart()
        }
    }

    @Test func `a deletion that does not get onto the disk takes nothing away`() async throws {
        struct Refused: Error {}
        let fixture = try await TrafficFixture()
        fixture.observe(.counted(100))
        fixture.observe(.counted(120))
        await fixture.keeper.write(isLast: true)
        let tunnel = fixture.tunnel.id
        await #expect(throws: Refused.self) {
            try await fixture.store.store.write { transaction in
                try transaction.deleteTunnel(tunnel, by: .tester)
                throw Refused()
            }
        }
        try await fixture.store.store.write { transaction in
            try? transaction.attempt { transaction in
                try transaction.deleteTunnel(tunnel, by: .tester)
                throw Refused()
            }
        }
        #expect(fixture.received == [120, 120])
        #expect(try await fixture.history(.hour, of: fixture.peers[0]) == [0, 20])
    }

    @Test func `slots on their way into the store when their tunnel is deleted do not come back`() async throws {
        let fixture = try await TrafficFixture()
        fixture.observe(.counted(0))
        fixture.observe(.counted(20))
        let backup = try await fixture.backup()
        #expect(fixture.ledger.takeSlots(isLast: true).tunnels.count == 1)
        try await fixture.store.store.write { [tunnel = fixture.tunnel.id] in
            try $0.deleteTunnel(tunnel, by: .tester)
        }
        fixture.ledger.settle(isStored: false)
        try await fixture.restore(backup)
        fixture.observe(.counted(5), interface: 8)
        #expect(try await fixture.history(.month) == [5])
    }

    @Test func `of a tunnel that is gone nothing is left`() async throws {
        let fixture = try await TrafficFixture()
        fixture.observe(.counted(100))
        fixture.observe(.counted(200))
        await fixture.keeper.write(isLast: true)
        #expect(try await fixture.rows("traffic_slot") == 3)
        let tunnel = fixture.tunnel.id
        let nothing = `A restore in the store`.prepared(StoredConfiguration())
        let backup = try await fixture.backup()
        try await fixture.store.store.write { try $0.deleteTunnel(tunnel, by: .tester) }
        try await fixture.expectNoRows()
        // By a restore, too.
        try await fixture.restore(backup)
        fixture.observe(.counted(100), interface: 8)
        await fixture.keeper.write(isLast: true)
        #expect(try await fixture.rows("traffic_slot") == 3)
        try await fixture.restore(nothing)
        try await fixture.expectNoRows()
        await fixture.keeper.write(isLast: true)
        try await fixture.expectNoRows()
    }
}

extension TrafficFixture {
    func backup() async throws -> PreparedConfiguration {
        `A restore in the store`.prepared(try await store.store.read { try $0.configuration() })
    }

    func restore(_ prepared: PreparedConfiguration) async throws {
        _ = try await `A restore in the store`.restore(prepared, in: store.store)
    }

    func expectNoRows() async throws {
        for table in ["tunnel_traffic", "peer_traffic", "traffic_slot"] {
            #expect(try await rows(table) == 0, "\(table)")
        }
    }

    func rows(_ table: String) async throws -> Int {
        try await store.store.read { try $0.database.first("SELECT count(*) FROM \(table)")?[0] ?? -1 }
    }
}
