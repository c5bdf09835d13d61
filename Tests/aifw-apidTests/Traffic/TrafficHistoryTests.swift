import GRDB
import Testing
import Wire

@testable import aifw_apid

@Suite struct TrafficHistoryTests {
    // The clock begins at 2027-01-15T08:00:00Z, the beginning of a slot of each range.

    @Test func `growth is in the slot of its time, of the tunnel and of each peer`() async throws {
        let fixture = try await TrafficFixture(peers: ["laptop", "phone"])
        fixture.observe(.counted(100, 10))  // 8:00:05, and since when is not known
        fixture.observe(.counted(130, 10))  // 8:00:10
        fixture.observe(.counted(135, 12))
        fixture.observe(.counted(135, 12))  // 8:00:20
        fixture.observe(.counted(136, 12))
        fixture.observe(.counted(136, 19))  // 8:00:30
        #expect(try await fixture.history(.hour) == [0, 37, 1, 7])
        #expect(try await fixture.history(.hour, of: fixture.peers[0]) == [0, 35, 1, 0])
        #expect(try await fixture.history(.hour, of: fixture.peers[1]) == [0, 2, 0, 7])
        for range in [TrafficRange.day, .month] {
            #expect(try await fixture.history(range) == [45])
            #expect(try await fixture.history(range, of: fixture.peers[0]) == [36])
        }
        #expect(fixture.received == [155, 136, 19])
    }

    @Test(arguments: [1, 4, 7, 30, 500])
    func `it is the same however often it was written`(turns: Int) async throws {
        let fixture = try await TrafficFixture(peers: ["laptop", "phone"])
        var counters: (UInt64, UInt64) = (0, 0)
        for turn in 0..<80 {
            if turn % 3 == 0 { counters.0 += UInt64(turn) }
            if turn % 7 == 0 { counters.1 += 1000 }
            fixture.observe(.counted(counters.0, counters.1))
            if turn % turns == turns - 1 { await fixture.keeper.write(isLast: turn % 2 == 0) }
        }
        // 8:00:05 to 8:06:40.
        let slots = try await fixture.history(.hour)
        #expect(slots.count == 41)
        #expect(slots.compactMap(\.self).reduce(0, +) == counters.0 + counters.1 - 1000)
        let daily = try await fixture.history(.day)
        #expect(
            daily
                == [30, 11].reduce(into: ([UInt64?](), slots[...])) { sums, count in
                    sums.0.append(sums.1.prefix(count).compactMap(\.self).reduce(0, +))
                    sums.1 = sums.1.dropFirst(count)
                }.0)
        #expect(try await fixture.history(.month) == [counters.0 + counters.1 - 1000])
        #expect(try await fixture.history(.month, of: fixture.peers[1]) == [counters.1 - 1000])
        await fixture.keeper.write(isLast: true)
        try await fixture.restart()
        #expect(try await fixture.history(.hour) == slots)
        #expect(try await fixture.history(.day) == daily)
    }

    @Test func `what flowed while nobody looked is in the total and in no slot`() async throws {
        let fixture = try await TrafficFixture()
        fixture.observe(.counted(100))
        fixture.observe(.counted(110))
        fixture.pass(seconds: 60)
        fixture.observe(.counted(5000))
        fixture.observe(.counted(5007))
        let expected: [UInt64?] = [0, 10, nil, nil, nil, nil, nil, 0, 7]
        #expect(try await fixture.history(.hour) == expected)
        #expect(fixture.received == [5007, 5007])
        await fixture.keeper.write(isLast: true)
        try await fixture.restart()
        fixture.pass(seconds: 20)
        fixture.observe(.counted(6000))
        fixture.observe(.counted(6001))
        #expect(try await fixture.history(.hour) == expected + [nil, 0, 1])
        #expect(fixture.received == [6001, 6001])
    }

    @Test func `a tunnel that is started has its first bytes in their slot`() async throws {
        let fixture = try await TrafficFixture()
        for _ in 0..<8 { fixture.observe(nil) }
        fixture.observe(.counted(40))
        #expect(try await fixture.history(.hour) == [0, 0, 0, 0, 40])
    }

    @Test func `what was not there yet has no slots`() async throws {
        let fixture = try await TrafficFixture()
        fixture.observe(.counted(0))
        fixture.pass(seconds: 35)
        let late = try await fixture.store.peer("phone", of: fixture.tunnel)
        fixture.observe(.counted(0), of: fixture.peers + [late])
        #expect(try await fixture.history(.hour) == [0, nil, nil, nil, 0])
        #expect(try await fixture.history(.hour, of: late) == [0])
    }

    @Test(arguments: [-3600, -86_400 * 40, -5, 7, 86_400 * 40])
    func `a clock that is set leaves what can be shown, and nothing else`(seconds: Int64) async throws {
        let fixture = try await TrafficFixture()
        fixture.observe(.counted(100))
        fixture.observe(.counted(110))
        await fixture.keeper.write(isLast: false)
        fixture.observe(.counted(120))
        // What tells readings apart is not set with the clock.
        let instant = fixture.instant
        fixture.pass(seconds: seconds)
        for turn in 1...3 {
            fixture.pass(seconds: 5)
            let later = instant + .seconds(5 * turn)
            let counters: [(UInt64, UInt64)?] = .counted(120 + UInt64(turn))
            fixture.ledger.book(fixture.observation(counters, began: later), at: later)
        }
        await fixture.keeper.write(isLast: true)
        #expect(fixture.received == [123, 123])
        for range in TrafficRange.allCases {
            let amounts = try await fixture.history(range).compactMap(\.self)
            #expect(amounts.reduce(0, +) <= 23 && amounts.count <= Int(range.count))
            let numbers = range.slots(at: fixture.store.clock.now)
            let stray: Int = try await fixture.store.store.read {
                let sql = "SELECT count(*) FROM traffic_slot WHERE step = ? AND NOT number BETWEEN ? AND ?"
                return try $0.database.first(
                    sql,
                    [.integer(range.step), .integer(numbers.lowerBound), .integer(numbers.upperBound)])?[0] ?? -1
            }
            #expect(stray == 0)
        }
    }

    @Test func `what is too old goes, and what can't be stored does not pile up`() async throws {
        let fixture = try await TrafficFixture()
        fixture.observe(.counted(0))
        for turn in 1...900 {
            fixture.observe(.counted(UInt64(turn)))
            if turn % 60 == 0 { await fixture.keeper.write(isLast: false) }
        }
        #expect(try await fixture.history(.hour).count == 360)
        let hourly: Int = try await fixture.store.store.read {
            try $0.database.first("SELECT count(*) FROM traffic_slot WHERE step = 10")?[0] ?? -1
        }
        #expect(hourly <= 360)
        let before = fixture.received
        for turn in 901...1200 {
            fixture.observe(.counted(UInt64(turn)))
            guard turn % 60 == 0 else { continue }
            _ = fixture.ledger.takeSlots(isLast: false)
            fixture.ledger.settle(isStored: false)
        }
        let pending = fixture.ledger.takeSlots(isLast: true)
        #expect(pending.observed.count <= TrafficLedger.pendingLimit + 30)
        #expect(pending.tunnels[fixture.tunnel.id]?.count ?? 0 <= TrafficLedger.pendingLimit + 30)
        #expect(fixture.received != before && fixture.received == [1200, 1200])
    }

    @Test func `10,000 peers that never rest take some bytes each a slot, and short writes`() async throws {
        let fixture = try await TrafficFixture(peers: [])
        let tunnel = fixture.tunnel.id
        let peers = try (0..<10_000).map { number in
            try PeerRecord.sample(
                "peer \(number)", of: tunnel, allowedIPs: AllowedIPs("10.9.\(number >> 8).\(number & 255)/32"))
        }
        for turn in 1...4 as ClosedRange<UInt64> {
            fixture.observe(Array(repeating: (turn * 6_000_000, turn * 12_000_000), count: peers.count), of: peers)
        }
        let totals = fixture.ledger.takeUnsaved()
        #expect(totals.tunnels.map(\.peers.count) == [1000])
        fixture.ledger.giveBack(totals)
        await fixture.keeper.write(isLast: true)
        #expect(fixture.ledger.takeUnsaved().tunnels.isEmpty)
        let (count, size): (Int, Int) = try await fixture.store.store.read {
            let row = try $0.database.first("SELECT count(*), sum(length(peers)) FROM traffic_slot")
            return (row?[0] ?? 0, row?[1] ?? 0)
        }
        #expect(count == 4 && size <= count * peers.count * 9)
    }

    @Test func `of all tunnels it is the sum of theirs, however it was written`() async throws {
        let fixture = try await TrafficFixture()
        let second = try await fixture.store.tunnel("lab", number: 1, address: "10.1.0.1/24")
        let phone = try await fixture.store.peer("phone", of: second)
        func observe(_ counters: [UInt64], seconds: Int64 = 5) {
            fixture.pass(seconds: seconds)
            let both = zip(
                [(fixture.tunnel, fixture.peers[0]), (second, phone)], counters
            ).map { pair, counter in
                let actual = fixture.actual(.counted(counter), of: [pair.1])
                let peer = ObservedPeer(
                    id: pair.1.id, name: pair.1.name, publicKey: pair.1.publicKey, condition: .never,
                    state: actual.peers[0])
                return ObservedTunnel(record: pair.0, status: .up, peers: [peer], reading: actual.reading)
            }
            fixture.ledger.book(
                Observation(time: fixture.store.clock.now, tunnels: both, associations: []), at: fixture.instant)
        }
        func all(_ range: TrafficRange) async throws -> [UInt64?] {
            let history = try await TrafficHistories(plane: fixture.plane).history(range)
            #expect(history.amounts.count == Int(range.count))
            #expect(history.amounts.allSatisfy { $0.map { $0.sent == $0.received * 2 } ?? true })
            return Array(history.amounts.map { $0?.received }.drop { $0 == nil })
        }
        observe([100, 1000])  // 8:00:05
        observe([130, 1000])  // 8:00:10
        observe([131, 1005])
        await fixture.keeper.write(isLast: false)
        observe([131, 1006])  // 8:00:20
        observe([140, 1016], seconds: 30)  // 8:00:50, and nobody knows when
        observe([142, 1019])
        let expected: [UInt64?] = [0, 36, 1, nil, nil, 5]
        for _ in 1...2 {
            #expect(try await all(.hour) == expected)
            #expect(try await all(.day) == [42])
            #expect(try await all(.month) == [42])
            let total = try await TrafficHistories(plane: fixture.plane).history(.hour).total
            #expect(total == Traffic(received: 1161, sent: 2322))
            await fixture.keeper.write(isLast: true)
            try await fixture.restart()
        }
        // What a tunnel that is gone has carried is in nothing that there is.
        try await fixture.store.store.write { try $0.deleteTunnel(second.id, by: .tester) }
        #expect(try await all(.hour) == [0, 31, 0, nil, nil, 2])
        try await fixture.store.store.write { try $0.deleteTunnel(fixture.tunnel.id, by: .tester) }
        #expect(try await all(.hour).isEmpty)
    }

    @Test func `the route knows its ranges and whose peers are whose`() async throws {
        try await TunnelServer.with { server in
            let tunnel = try await server.tunnel()
            let other = try await server.tunnel("lab", address: "10.1.0.1/24")
            let made = try await server.ask("POST", "\(tunnel.path)/peers", #"{"name":"laptop"}"#)
            let peer = try ObjectID(json: try #require(try made.json["data"]?["id"]))
            for (query, status) in [
                ("", 200), ("?range=day", 200), ("?range=month&peer=\(peer)", 200), ("?range=week", 422),
                ("?peer=laptop", 422), ("?peer=\(ObjectID.random())", 404), ("?since=1", 422),
                ("?range=hour&range=day", 422),
            ] {
                #expect(try await server.ask("GET", "\(tunnel.path)/history\(query)").status == status, "\(query)")
            }
            #expect(try await server.ask("GET", "\(other.path)/history?peer=\(peer)").status == 404)
            #expect(try await server.ask("GET", "/\(ObjectID.random())/history").status == 404)
            let path = "/api/v1/vpn/history"
            for (query, status) in [("", 200), ("?range=day", 200), ("?range=week", 422), ("?peer=\(peer)", 422)] {
                #expect(try await server.server.local(path + query).status == status, "\(query)")
            }
            #expect(
                try await server.server.local("\(path)?range=month").json
                    == server.ask("GET", "\(tunnel.path)/history?range=month").json)
            let day = try await server.ask("GET", "\(tunnel.path)/history?range=day").json["data"]
            #expect(day?["range"] == "day" && day?["step"] == 300)
            #expect(day?["received"]?.elements?.count == 288 && day?["sent"]?.elements?.count == 288)
            #expect(day?["from"] == "2027-01-14T08:05:00Z" && day?["to"] == "2027-01-15T08:05:00Z")
            #expect(day?["total"] == ["received": 0, "sent": 0])
            // What was observed is shown at once, and the helper need not be there for it.
            server.plane.ledger.book(try await server.plane.observe())
            server.helper.stop()
            let hour = try await server.ask("GET", "\(tunnel.path)/history").json["data"]
            #expect(hour?["received"]?.elements?.last == 0 && hour?["received"]?.elements?.first == .null)
        }
    }
}
