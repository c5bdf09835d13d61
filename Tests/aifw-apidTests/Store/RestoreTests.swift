import Testing
import Wire

@testable import aifw_apid

@Suite struct `A restore in the store` {
    /// What there is, as a backup would bring it.
    static func prepared(_ configuration: StoredConfiguration) -> PreparedConfiguration {
        PreparedConfiguration(
            tunnels: configuration.tunnels.map { .init(record: $0, key: .kept($0.privateKey)) },
            peers: configuration.peers, associations: configuration.associations, tokens: configuration.tokens,
            users: configuration.users.map { .init(record: $0, seed: nil) },
            webhooks: configuration.webhooks.map { .init(record: $0, secret: BackupSamples.webhookSecret) })
    }

    static func restore(_ prepared: PreparedConfiguration, in store: Store) async throws -> Int64 {
        try await store.write { transaction in
            let difference = try RestoreDifference(
                from: transaction.configuration(), to: prepared, hasSeed: { _, _ in false },
                hasSecret: { _, _ in true })
            return try transaction.restore(difference, by: .tester, changes: .object(difference.members))
        }
    }

    @Test func `names, ports, keys and peers change places, and come back`() async throws {
        let fixture = try StoreFixture()
        let store = fixture.store
        let office = try await fixture.tunnel()
        let branch = try await fixture.tunnel("branch", number: 1, address: "10.1.0.1/24")
        for tunnel in [office, branch] {
            for name in ["laptop", "phone"] { _ = try await fixture.peer(name, of: tunnel) }
        }
        for number in 1...3 {
            _ = try await fixture.association(number)
        }
        _ = try await store.write { transaction in
            _ = try transaction.insert(try BackupSamples.user("alice"), by: .tester)
            return try transaction.insert(try BackupSamples.user("bob"), by: .tester)
        }
        let before = try await store.read { try $0.configuration() }
        var swapped = Self.prepared(before)
        let tunnels = before.tunnels
        swapped.tunnels = zip(tunnels, tunnels.reversed()).map { tunnel, other in
            var tunnel = tunnel
            (tunnel.name, tunnel.interface, tunnel.listenPort) = (other.name, other.interface, other.listenPort)
            (tunnel.publicKey, tunnel.address) = (other.publicKey, other.address)
            return .init(record: tunnel, key: .kept(other.privateKey))
        }
        // Each peer is the other tunnel's, and its name and key another's.
        swapped.peers = zip(before.peers, before.peers.reversed()).map { peer, other in
            PeerRecord(
                id: peer.id, tunnel: other.tunnel, name: other.name, publicKey: other.publicKey,
                privateKey: other.privateKey, isKeyGenerated: true, allowedIPs: other.allowedIPs
            ).stamped(peer.stamp)
        }
        swapped.associations = zip(before.associations, before.associations.reversed()).map { own, other in
            AssociationRecord(
                id: own.id, number: other.number, name: other.name, local: own.local, remote: other.remote,
                spiIn: other.spiIn, spiOut: other.spiOut, keys: other.keys
            ).stamped(own.stamp)
        }
        swapped.users = zip(before.users, before.users.reversed()).map { user, other in
            .init(
                record: UserRecord(
                    id: user.id, name: other.name, passwordHash: other.passwordHash, scopes: other.scopes
                ).stamped(user.stamp, lastLoginAt: nil), seed: nil)
        }
        let revision = try await Self.restore(swapped, in: store)
        let after = try await store.read { try $0.configuration() }
        #expect(after.tunnels.first { $0.id == office.id }?.name == branch.name)
        #expect(after.tunnels.map(\.stamp.revision) == [revision, revision])
        #expect(after.peers.count == 4 && after.tunnels.map(\.peerCount) == [2, 2])
        _ = try await Self.restore(Self.prepared(before), in: store)
        let again = try await store.read { try $0.configuration() }
        #expect(again.tunnels.map(\.settings) == before.tunnels.map(\.settings))
        #expect(Set(again.peers.map(\.secrets)) == Set(before.peers.map(\.secrets)))
        #expect(again.associations.map(\.settings) == before.associations.map(\.settings))
        #expect(again.users.map(\.name) == before.users.map(\.name))
        // Nothing differs, so nothing gets another version.
        _ = try await Self.restore(Self.prepared(again), in: store)
        let last = try await store.read { try $0.configuration() }
        #expect(last.tunnels == again.tunnels && last.peers == again.peers && last.users == again.users)
    }

    @Test func `the numbers and addresses that are free are found again`() async throws {
        let fixture = try StoreFixture()
        let store = fixture.store
        for number in [2, 5] {
            _ = try await fixture.association(number)
        }
        let tunnel = try await fixture.tunnel()
        let wanted = Self.prepared(try await store.read { try $0.configuration() })
        for name in ["laptop", "phone"] { _ = try await fixture.peer(name, of: tunnel) }
        _ = try await fixture.association(1)
        _ = try await Self.restore(wanted, in: store)
        let peer = try await fixture.peer("laptop", of: tunnel)
        #expect(peer.allowedIPs.description == "10.0.0.2/32")
        var numbers: [UInt32] = []
        for _ in 1...4 {
            numbers.append(
                try await store.write { transaction in
                    let number = try #require(try transaction.nextFreeAssociationNumber()).rawValue
                    _ = try transaction.insert(
                        AssociationRecord.sample("new \(number)", number: Int(number)), by: .tester)
                    return number
                })
        }
        #expect(numbers == [1, 3, 4, 6])
    }

    @Test func `webhooks change places and go on where they are; a new one is told of what comes after`() async throws {
        let fixture = try StoreFixture()
        let store = fixture.store
        var hooks: [WebhookRecord] = []
        for name in ["first", "second", "third"] {
            let webhook = try BackupSamples.webhook(name, sealed: [1, 2, 3])
            hooks.append(try await store.write { try $0.insert(webhook, by: .tester) })
        }
        let before = try await store.read { try $0.configuration() }
        let backup = Self.prepared(before)
        let third = hooks[2].id
        try await store.write { try $0.deleteWebhook(third, by: .tester) }
        let later = try BackupSamples.webhook("later", sealed: [4])
        _ = try await store.write { try $0.insert(later, by: .tester) }
        var swapped = Self.prepared(before)
        swapped.webhooks = zip(hooks, [hooks[1].name, hooks[0].name, hooks[2].name]).map { webhook, name in
            var record = webhook
            record.name = name
            return .init(record: record, secret: BackupSamples.webhookSecret)
        }
        let revision = try await Self.restore(swapped, in: store)
        let after = try await store.read { try $0.webhooks() }
        #expect(Set(after.map(\.id)) == Set(hooks.map(\.id)))
        func found(_ index: Int) throws -> WebhookRecord { try #require(after.first { $0.id == hooks[index].id }) }
        #expect(try found(0).name == hooks[1].name && found(1).name == hooks[0].name)
        #expect(try found(0).progress.cursor == hooks[0].progress.cursor && found(0).stamp.revision == revision)
        #expect(try found(2).progress == WebhookProgress(after: revision) && found(2).sealedSecret == [1, 2, 3])
        let (stayed, new) = (try found(0), try found(2))
        let (told, untold) = try await store.read { transaction in
            (
                try transaction.pending(for: stayed, limit: 100), try transaction.pending(for: new, limit: 100)
            )
        }
        // The two others, the deletion, the later one, and the restore.
        #expect(told == 5 && untold == 0)
        _ = try await Self.restore(backup, in: store)
        let last = try await store.read { try $0.webhooks() }
        #expect(last.first { $0.id == third } == new && last.map(\.name).contains(hooks[0].name))
        _ = try await Self.restore(Self.prepared(try await store.read { try $0.configuration() }), in: store)
        #expect(try await store.read { try $0.webhooks() } == last)
    }
}

extension StoreFixture {
    /// An association that is stored, its name by its number.
    fileprivate func association(_ number: Int) async throws -> AssociationRecord {
        try await store.write { try $0.insert(AssociationRecord.sample("dc \(number)", number: number), by: .tester) }
    }
}
