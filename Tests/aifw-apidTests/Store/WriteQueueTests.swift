import GRDB
import Synchronization
import Testing
import Wire

@testable import aifw_apid

@Suite struct WriteQueueTests {
    struct Refused: Error {}

    @Test func `of a group, a change that fails is undone alone and its caller alone is told`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
            for number in 0..<40 {
                group.addTask {
                    do {
                        try await fixture.store.write { transaction in
                            let free = try #require(try transaction.takeNextFreeAddress(in: tunnel))
                            let allowed = try AllowedIPs("\(free)")
                            _ = try transaction.insert(
                                .sample("peer \(number)", of: tunnel.id, allowedIPs: allowed), by: .tester)
                            if number % 4 == 0 { throw Refused() }
                        }
                        return (number, true)
                    } catch is Refused {
                        return (number, false)
                    } catch {
                        Issue.record(error)
                        return (number, false)
                    }
                }
            }
            return await group.reduce(into: [Int: Bool]()) { $0[$1.0] = $1.1 }
        }
        #expect(outcomes.allSatisfy { $0.value == ($0.key % 4 != 0) })
        let peers = try await fixture.store.read { try $0.peers(of: tunnel.id, ListQuery()).records }
        #expect(Set(peers.map(\.name.description)) == Set((0..<40).filter { $0 % 4 != 0 }.map { "peer \($0)" }))
        // Addresses of changes that were undone are handed out again: there is no gap.
        let addresses = peers.flatMap(\.allowedIPs.elements).map(\.address.bits).sorted()
        #expect(addresses == (0x0A00_0002..<0x0A00_0002 + 30).map { UInt128($0) })
        let log = try await fixture.store.read { try $0.log(limit: 100) }
        #expect(log.map(\.revision) == (1...31).reversed().map { Int64($0) })
    }

    @Test func `20 creations at once get 20 addresses`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        let addresses = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<20 {
                group.addTask {
                    try await fixture.peer("peer \(number)", of: tunnel).allowedIPs.description
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(addresses == Set((2...21).map { "10.0.0.\($0)/32" }))
    }

    @Test func `what waits while a change blocks shares the next transaction, in the order it came`() async throws {
        let fixture = try StoreFixture()
        let counter = CommitCounter()
        try await fixture.store.pool.writeWithoutTransaction { $0.add(transactionObserver: counter) }
        let gate = Gate()
        let order = Numbers()
        async let first: Void = fixture.store.write { transaction in
            try transaction.log(.login, of: nil, by: .tester)
            gate.wait()
        }
        await gate.hasWaiter()
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<10 {
            tasks.append(
                Task {
                    try await fixture.store.write { transaction in
                        try transaction.log(.login, of: nil, by: .tester)
                        order.append(number)
                    }
                })
            while fixture.store.backlog <= number { await Task.yield() }
        }
        gate.open()
        try await first
        for task in tasks { try await task.value }
        #expect(order.all == Array(0..<10))
        #expect(counter.commits == 2)
    }

    @Test func `if the commit fails all its callers are told, nothing is kept, and the kernel is put right first`()
        async throws
    {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        let counter = CommitCounter()
        try await fixture.store.pool.writeWithoutTransaction { $0.add(transactionObserver: counter) }
        let lost = Numbers()
        fixture.store.onLostCommit { transaction in
            let count = (try? transaction.tunnel(tunnel.id).peerCount) ?? -1
            lost.append(count)
        }
        counter.fails.withLock { $0 = true }
        await #expect {
            _ = try await fixture.peer("laptop", of: tunnel)
        } throws: { error in
            if case StoreError.notWritten = error { true } else { false }
        }
        #expect(lost.all == [0])
        counter.fails.withLock { $0 = false }
        let peer = try await fixture.peer("laptop", of: tunnel)
        #expect(peer.allowedIPs.description == "10.0.0.2/32")
        #expect(peer.stamp.revision == 2)
        #expect(lost.all == [0])
    }

    @Test func `a caller that is cancelled leaves its change whole`() async throws {
        let fixture = try StoreFixture()
        let gate = Gate()
        let tunnel = try TunnelRecord.sample()
        let task = Task {
            try await fixture.store.write { transaction in
                let stored = try transaction.insert(tunnel, by: .tester)
                gate.wait()
                return try transaction.update(
                    {
                        var changed = stored
                        changed.isEnabled = true
                        return changed
                    }(), by: .tester)
            }
        }
        await gate.hasWaiter()
        task.cancel()
        gate.open()
        _ = try await task.value
        #expect(try await fixture.store.read { try $0.tunnel(tunnel.id) }.isEnabled)
    }

    @Test func `a thousand changes are all done`() async throws {
        let fixture = try StoreFixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<1000 {
                group.addTask { _ = try await fixture.store.write { try $0.log(.login, of: nil, by: .tester) } }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.store.read { try $0.revision() } == 1000)
    }
}

/// Counts commits, and fails them if it is told so.
final class CommitCounter: TransactionObserver, Sendable {
    private let count = Mutex(0)
    let fails = Mutex(false)

    var commits: Int { count.withLock { $0 } }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseWillCommit() throws {
        if fails.withLock({ $0 }) { throw WriteQueueTests.Refused() }
    }
    func databaseDidCommit(_ db: Database) { count.withLock { $0 += 1 } }
    func databaseDidRollback(_ db: Database) {}
}

/// Numbers in the order in which they came.
final class Numbers: Sendable {
    private let numbers = Mutex<[Int]>([])

    var all: [Int] { numbers.withLock { $0 } }

    func append(_ number: Int) { numbers.withLock { $0.append(number) } }
}
