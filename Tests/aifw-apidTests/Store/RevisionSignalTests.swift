import Testing

@testable import aifw_apid

@Suite struct RevisionSignalTests {
    @Test func `who waits is told of the next change`() async {
        let signal = RevisionSignal(last: 7)
        let waiting = Task { await signal.wait(after: 7) }
        signal.advance(to: 8)
        await waiting.value
        #expect(signal.last == 8)
    }

    @Test func `who is behind does not wait`() async {
        await RevisionSignal(last: 7).wait(after: 6)
    }

    @Test func `who is cancelled waits no longer`() async {
        let signal = RevisionSignal(last: 7)
        let waiting = Task { await signal.wait(after: 7) }
        waiting.cancel()
        await waiting.value
    }

    @Test func `the number never goes back`() {
        let signal = RevisionSignal(last: 7)
        signal.advance(to: 3)
        #expect(signal.last == 7)
    }

    @Test func `a write says its number once it is committed, and one that failed does not`() async throws {
        let fixture = try StoreFixture()
        let store = fixture.store
        let before = store.revisions.last
        _ = try await store.write { transaction in
            try transaction.log(.login, of: nil, by: .system)
        }
        #expect(store.revisions.last == before + 1)
        _ = try? await store.write { transaction in
            try transaction.log(.login, of: nil, by: .system)
            throw StoreError.missing(.tunnel)
        }
        #expect(store.revisions.last == before + 1)
    }
}
