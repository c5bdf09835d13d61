import Testing
import Wire

@testable import aifw_apid

@Suite struct TokenTests {
    @Test func `a token is known by its hash until it is deleted, at once`() async throws {
        let fixture = try StoreFixture()
        let token = try token("automation", at: fixture.clock.now)
        #expect(try await fixture.store.verify(tokenHash: token.hash) == nil)
        try await fixture.store.write { try $0.insert(token, by: .tester) }
        let caller = try await fixture.store.verify(tokenHash: token.hash)
        #expect(caller == Caller(kind: .token(token.id), name: "automation", scopes: [.vpnRead, .vpnWrite]))
        #expect(try await fixture.store.read { try $0.tokens() } == [token])
        try await fixture.store.write { try $0.deleteToken(token.id, by: .tester) }
        #expect(try await fixture.store.verify(tokenHash: token.hash) == nil)
    }

    @Test func `a token ends when it expires`() async throws {
        let fixture = try StoreFixture()
        let token = try token("short", at: fixture.clock.now, lifetime: 1000)
        try await fixture.store.write { try $0.insert(token, by: .tester) }
        fixture.clock.advance(milliseconds: 999)
        #expect(try await fixture.store.token(hash: token.hash) == token)
        fixture.clock.advance(milliseconds: 1)
        #expect(try await fixture.store.token(hash: token.hash) == nil)
    }

    @Test func `a token whose creation is undone is not known`() async throws {
        let fixture = try StoreFixture()
        let token = try token("undone", at: fixture.clock.now)
        await #expect(throws: WriteQueueTests.Refused.self) {
            try await fixture.store.write { transaction in
                try transaction.insert(token, by: .tester)
                throw WriteQueueTests.Refused()
            }
        }
        #expect(try await fixture.store.token(hash: token.hash) == nil)
    }

    @Test func `what is known is not read again until a token changes`() async throws {
        let cache = TokenCache()
        var reads = 0
        for _ in 0..<3 {
            _ = try await cache.all {
                reads += 1
                return []
            }
        }
        #expect(reads == 1)
        // A reading that a change overtakes is answered, but not kept.
        cache.invalidate()
        _ = try await cache.all {
            cache.invalidate()
            return []
        }
        _ = try await cache.all {
            reads += 1
            return []
        }
        #expect(reads == 2)
    }

    private func token(_ name: String, at time: Timestamp, lifetime: Int64? = nil) throws -> TokenRecord {
        TokenRecord(
            id: .random(), name: try ObjectName(name), scopes: [.vpnRead, .vpnWrite], hash: PublicKey.random().bytes,
            createdAt: time, expiresAt: lifetime.map { Timestamp(milliseconds: time.milliseconds + $0) })
    }
}
