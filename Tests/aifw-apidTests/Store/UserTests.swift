import Testing
import Wire

@testable import aifw_apid

@Suite struct UserTests {
    private static func user(_ name: String, _ scopes: Scopes = .vpnWrite) throws -> UserRecord {
        UserRecord(
            id: .random(), name: try Username(name), passwordHash: PasswordHash(stored: "first"), scopes: scopes)
    }

    private static func hash(_ number: UInt8) -> [UInt8] { Array(repeating: number, count: 32) }

    /// A user with a session.
    private static func loggedIn(_ fixture: StoreFixture, _ name: String = "alice") async throws -> UserRecord {
        let new = try user(name)
        return try await fixture.store.write { transaction in
            let user = try transaction.insert(new, by: .tester)
            try transaction.logIn(user, session: hash(1), step: nil, by: .tester)
            return try transaction.user(user.id)
        }
    }

    // MARK: Sessions

    @Test func `a session is its user's, for twelve hours at most`() async throws {
        let fixture = try StoreFixture()
        let user = try await Self.loggedIn(fixture)
        let start = fixture.clock.now
        let caller = try #require(try await fixture.store.verify(sessionHash: Self.hash(1)))
        #expect(caller.kind == .user(user.id) && caller.name == "alice" && caller.scopes == .vpnWrite)
        #expect(caller.sessionEnd == Timestamp(milliseconds: start.milliseconds + 12 * 3_600_000))
        #expect(try await fixture.store.verify(sessionHash: Self.hash(2)) == nil)
        // Used all the time, it lasts until its end, and not a moment longer.
        for _ in 0..<23 {
            fixture.clock.advance(milliseconds: 1_800_000)
            #expect(try await fixture.store.verify(sessionHash: Self.hash(1)) != nil)
        }
        fixture.clock.advance(milliseconds: 1_799_999)
        #expect(try await fixture.store.verify(sessionHash: Self.hash(1)) != nil)
        fixture.clock.advance(milliseconds: 1)
        #expect(try await fixture.store.verify(sessionHash: Self.hash(1)) == nil)
    }

    @Test func `a session that nobody uses ends after an hour`() async throws {
        let fixture = try StoreFixture()
        _ = try await Self.loggedIn(fixture)
        fixture.clock.advance(milliseconds: 3_599_999)
        #expect(try await fixture.store.verify(sessionHash: Self.hash(1)) != nil)
        fixture.clock.advance(milliseconds: 3_600_000)
        #expect(try await fixture.store.verify(sessionHash: Self.hash(1)) == nil)
        // Nor does the attempt make it last longer.
        fixture.clock.advance(milliseconds: -1_000_000)
        #expect(try await fixture.store.verify(sessionHash: Self.hash(1)) != nil)
    }

    @Test func `a session and its use outlive the daemon`() async throws {
        let fixture = try StoreFixture()
        _ = try await Self.loggedIn(fixture)
        fixture.clock.advance(milliseconds: 3_000_000)
        #expect(try await fixture.store.verify(sessionHash: Self.hash(1)) != nil)
        // The use is written behind the request's back.
        while try await fixture.store.read({ try $0.sessions() }).first?.seenAt != fixture.clock.now {
            await Task.yield()
        }
        try fixture.store.close()
        let clock = fixture.clock
        let again = try Store(path: fixture.path, clock: { clock.now })
        fixture.clock.advance(milliseconds: 3_000_000)
        #expect(try await again.verify(sessionHash: Self.hash(1)) != nil)
        try again.close()
    }

    @Test func `a user has sixteen sessions, and the oldest goes for the next`() async throws {
        let fixture = try StoreFixture()
        let user = try await Self.loggedIn(fixture)
        for number in UInt8(2)...17 {
            fixture.clock.advance(milliseconds: 1000)
            try await fixture.store.write {
                try $0.logIn(user, session: Self.hash(number), step: nil, by: .tester)
            }
        }
        #expect(try await fixture.store.verify(sessionHash: Self.hash(1)) == nil)
        for number in UInt8(2)...17 {
            #expect(try await fixture.store.verify(sessionHash: Self.hash(number)) != nil)
        }
    }

    @Test(arguments: ["logout", "delete", "password", "scopes", "totp", "name"])
    func `a session ends when it or its user does, or when he is not the same any more`(what: String) async throws {
        let fixture = try StoreFixture()
        let user = try await Self.loggedIn(fixture)
        #expect(try await fixture.store.verify(sessionHash: Self.hash(1)) != nil)
        try await fixture.store.write { transaction in
            var user = user
            switch what {
            case "logout": return try transaction.endSession(Self.hash(1))
            case "delete": return try transaction.deleteUser(user.id, by: .tester)
            case "password": user.passwordHash = PasswordHash(stored: "second")
            case "scopes": user.scopes = .vpnRead
            case "totp": user.oneTimePassword = .init(sealedSeed: [1], isConfirmed: true, lastStep: 1)
            default: user.name = try Username("Alicia")
            }
            _ = try transaction.update(user, by: .tester)
        }
        let caller = try await fixture.store.verify(sessionHash: Self.hash(1))
        // Another name is no reason: it is the same user, by the new name.
        #expect(caller?.name == (what == "name" ? "Alicia" : nil))
    }

    @Test func `a log-in that is undone lets nobody in`() async throws {
        let fixture = try StoreFixture()
        let user = try await Self.loggedIn(fixture)
        await #expect(throws: WriteQueueTests.Refused.self) {
            try await fixture.store.write { transaction in
                try transaction.logIn(user, session: Self.hash(2), step: nil, by: .tester)
                throw WriteQueueTests.Refused()
            }
        }
        #expect(try await fixture.store.verify(sessionHash: Self.hash(2)) == nil)
    }

    // MARK: Users

    @Test func `a name is one user's, in upper and lower case`() async throws {
        let fixture = try StoreFixture()
        let alice = try await Self.loggedIn(fixture)
        let error = await #expect(throws: StoreError.self) {
            try await fixture.store.write { try $0.insert(try Self.user("ALICE"), by: .tester) }
        }
        guard case .clash(let clashes)? = error else { return }
        #expect(clashes == [Clash(subject: .username, other: alice.object)])
        #expect(clashes.first?.field == "username")
    }

    @Test func `a log-in is no change of the user`() async throws {
        let fixture = try StoreFixture()
        let alice = try await Self.loggedIn(fixture)
        #expect(alice.stamp.revision == 1 && alice.lastLoginAt == fixture.clock.now)
    }

    // MARK: What the log says of changes

    @Test func `the log says what was changed from what to what, and of secrets only that they changed`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        let peer = try await fixture.peer("laptop", of: tunnel)
        let user = try await Self.loggedIn(fixture)
        let other = SealedSymmetricKey.sample()
        try await fixture.store.write { transaction in
            var tunnel = tunnel
            (tunnel.mtu, tunnel.privateKey) = (try MTU(1380), .sample(under: .sample))
            _ = try transaction.update(tunnel, by: .tester)
            var peer = peer
            (peer.presharedKey, peer.isEnabled) = (other, false)
            _ = try transaction.update(peer, by: .tester)
            var user = user
            (user.passwordHash, user.scopes) = (PasswordHash(stored: "second"), .admin)
            _ = try transaction.update(user, by: .tester)
        }
        let log = try await fixture.store.read { try $0.log(limit: 3) }
        #expect(log[2].changes == ["mtu": ["from": 1420, "to": 1380], "private_key": "changed"])
        #expect(log[1].changes == ["enabled": ["from": true, "to": false], "preshared_key": "set"])
        #expect(log[0].changes == ["scopes": ["from": ["vpn:write"], "to": ["admin"]], "password": "changed"])
    }
}
