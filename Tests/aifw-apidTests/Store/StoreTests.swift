import FoundationEssentials
import GRDB
import Testing
import Wire

@testable import aifw_apid

@Suite struct StoreTests {
    @Test func `a tunnel comes back with everything it was given`() async throws {
        let fixture = try StoreFixture()
        var tunnel = try TunnelRecord.sample(address: "10.0.0.1/24, fd00::1/64")
        tunnel.dns = try DNSServers("10.0.0.1, office.example")
        tunnel.mtu = try MTU(1400)
        tunnel.listenInterface = try InterfaceName("eth0")
        tunnel.splitRoutes = try PrefixList("172.29.0.0/16, 10.0.0.0/8")
        tunnel.endpoint = try PublicEndpoint("vpn.example.org:443")
        tunnel.mark = try FirewallMark(UInt32.max)
        tunnel.masquerade = true
        tunnel.routes = false
        tunnel.allowOverlap = true
        tunnel.isEnabled = true
        let given = tunnel
        let stored = try await fixture.store.write { try $0.insert(given, by: .tester) }
        let read = try await fixture.store.read { try $0.tunnel(given.id) }
        #expect(read == stored)
        #expect(read == given.stamped(stored.stamp, peerCount: 0))
        #expect(stored.stamp.revision == 1)
        #expect(stored.stamp.createdAt == fixture.clock.now)
    }

    @Test func `a peer comes back with everything it was given`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        var peer = try PeerRecord.sample(
            "laptop", of: tunnel.id, allowedIPs: AllowedIPs("10.0.0.2, fd00::2, 10.9.0.0/16"))
        let fingerprint = try #require(SecretFingerprint(bytes: Array(repeating: 9, count: 16)))
        peer.presharedKey = SealedSymmetricKey(secret: .sample, fingerprint: fingerprint)
        peer.endpoint = try PeerEndpoint("[2001:db8::1]:51820")
        peer.clientRoutes = try PrefixList("10.0.0.0/8")
        peer.keepalive = try Keepalive(25)
        peer.isEnabled = false
        peer.expiresAt = try Timestamp("2031-01-01T00:00:00Z")
        peer.allowOverlap = true
        peer.privateKey = nil
        peer.isKeyGenerated = false
        let given = peer
        let stored = try await fixture.store.write { try $0.insert(given, by: .tester) }
        let read = try await fixture.store.read { try $0.peer(given.id, of: tunnel.id) }
        #expect(read == stored)
        #expect(read == given.stamped(stored.stamp))
    }

    @Test func `only its owner may read the database and its journals, and commits wait for the disk`() async throws {
        let fixture = try StoreFixture()
        _ = try await fixture.tunnel()
        for name in ["aifw.db", "aifw.db-wal", "aifw.db-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: fixture.folder + "/" + name)
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
        let (synchronous, journal, keys) = try await fixture.store.pool.writeWithoutTransaction { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(database, sql: "PRAGMA foreign_keys")
            )
        }
        #expect(synchronous == 2)
        #expect(journal == "wal")
        #expect(keys == 1)
    }

    @Test func `what was acknowledged is there after a crash`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        let peer = try await fixture.peer("laptop", of: tunnel)
        // A copy taken while the store is open is what a crash leaves behind: a database and its write-ahead log.
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(
                atPath: fixture.path + suffix, toPath: fixture.folder + "/crashed.db" + suffix)
        }
        let reopened = try Store(path: fixture.folder + "/crashed.db")
        #expect(try await reopened.read { try $0.peer(peer.id, of: tunnel.id) } == peer)
        let next = try await reopened.read { try $0.nextFreeAddress(in: tunnel) }
        #expect(next?.description == "10.0.0.3")
    }

    @Test func `a database of a later version is refused`() throws {
        let fixture = try StoreFixture()
        try fixture.store.pool.write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('999 from the future')")
        }
        try fixture.store.close()
        #expect { try Store(path: fixture.path) } throws: { error in
            if case StoreError.newer = error { true } else { false }
        }
    }

    @Test func `a column that was tampered with is reported, not believed`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        try await fixture.store.pool.write {
            try $0.execute(sql: "UPDATE tunnel SET dns = 'x' || char(10) || 'PostUp = y'")
        }
        await #expect {
            _ = try await fixture.store.read { try $0.tunnel(tunnel.id) }
        } throws: { error in
            if case StoreError.corrupt(table: "tunnel", column: 7, reason: _) = error { true } else { false }
        }
    }

    @Test func `a peer is found through its own tunnel only`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        let other = try await fixture.tunnel("branch", number: 1, address: "10.1.0.1/24")
        let peer = try await fixture.peer("laptop", of: tunnel)
        await #expect {
            _ = try await fixture.store.write { try $0.deletePeer(peer.id, of: other.id, by: .tester) }
        } throws: { error in
            if case StoreError.missing(.peer) = error { true } else { false }
        }
    }

    @Test func `peers do not move their tunnel's revision, and are counted`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        let laptop = try await fixture.peer("laptop", of: tunnel)
        _ = try await fixture.peer("phone", of: tunnel)
        try await fixture.store.write { _ = try $0.deletePeer(laptop.id, of: tunnel.id, by: .tester) }
        let read = try await fixture.store.read { try $0.tunnel(tunnel.id) }
        #expect(read.stamp == tunnel.stamp)
        #expect(read.peerCount == 1)
    }

    @Test func `an update that changes nothing keeps the revision, any other takes the next`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        fixture.clock.advance(milliseconds: 5)
        let same = try await fixture.store.write { try $0.update(tunnel, by: .tester) }
        #expect(same == tunnel)
        var renamed = tunnel
        renamed.name = try ObjectName("branch")
        let given = renamed
        let updated = try await fixture.store.write { try $0.update(given, by: .tester) }
        #expect(updated.stamp.revision == 2)
        #expect(updated.stamp.createdAt == tunnel.stamp.createdAt)
        #expect(updated.stamp.updatedAt == fixture.clock.now)
    }

    @Test func `every change is in the log with who, what and when`() async throws {
        let fixture = try StoreFixture()
        let tunnel = try await fixture.tunnel()
        _ = try await fixture.store.write {
            try $0.log(.reveal, of: tunnel.object, by: .tester, changes: ["kind": "config"])
        }
        try await fixture.store.write { try $0.deleteTunnel(tunnel.id, by: .tester) }
        let log = try await fixture.store.read { try $0.log(limit: 10) }
        #expect(log.map(\.revision) == [3, 2, 1])
        #expect(log.map(\.action) == [.delete, .reveal, .create])
        #expect(log.allSatisfy { $0.author == .tester && $0.object == tunnel.object && $0.time == fixture.clock.now })
        #expect(log[1].changes == ["kind": "config"])
        let missed = try await fixture.store.read { try $0.changes(after: 1, limit: 10) }
        #expect(missed.map(\.revision) == [2, 3])
    }
}
