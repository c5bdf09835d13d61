import Testing
import Wire

@testable import aifw_apid

@Suite struct WebhookStoreTests {
    private let fixture: StoreFixture
    private var store: Store { fixture.store }

    init() throws { fixture = try StoreFixture() }

    private func webhook(_ name: String = "inventory", objects: String? = nil) async throws -> WebhookRecord {
        let record = WebhookRecord(
            id: .random(), name: try ObjectName(name), url: try WebhookURL("https://hooks.example.org/vpn"),
            objects: try objects.map { try WebhookObjects(stored: $0) }, isEnabled: true, sealedSecret: [1, 2, 3])
        return try await store.write { try $0.insert(record, by: .tester) }
    }

    private func read(_ id: ObjectID) async throws -> (webhook: WebhookRecord, pending: Int64, next: AuditEntry?) {
        try await store.read { transaction in
            let webhook = try transaction.webhook(id)
            return (
                webhook, try transaction.pending(for: webhook, limit: 100),
                try transaction.change(after: webhook.progress.cursor, for: webhook)
            )
        }
    }

    @Test func `a new webhook is told of what comes after it, and comes back as it was stored`() async throws {
        _ = try await fixture.tunnel()
        let webhook = try await webhook(objects: "tunnel,peer")
        #expect(webhook.progress.cursor == webhook.stamp.revision)
        let (read, pending, next) = try await read(webhook.id)
        #expect(read == webhook && pending == 0 && next == nil)
    }

    @Test func `deliveries are no changes: no revision, no other ETag`() async throws {
        let webhook = try await webhook()
        let tunnel = try await fixture.tunnel()
        #expect(try await read(webhook.id).next?.object == tunnel.object)
        let last = store.revisions.last
        let time = store.now
        try await store.write {
            try $0.noteDeliveries(upTo: last, at: time, of: webhook.id, ifUnchangedSince: webhook)
        }
        let (after, pending, _) = try await read(webhook.id)
        #expect(after.progress.cursor == last && after.progress.lastDeliveryAt == time && pending == 0)
        #expect(after.stamp == webhook.stamp && store.revisions.last == last)
        #expect(try await store.read { try $0.revision() } == last)
        // What is behind takes nothing back.
        try await store.write { try $0.noteDeliveries(upTo: 1, at: nil, of: webhook.id, ifUnchangedSince: nil) }
        #expect(try await read(webhook.id).webhook == after)
    }

    @Test func `only changes are told, and only of the kinds that were asked for`() async throws {
        let all = try await webhook("all")
        let peers = try await webhook("peers", objects: "peer")
        let tunnel = try await fixture.tunnel()
        _ = try await store.write { try $0.log(.reveal, of: tunnel.object, by: .tester) }
        _ = try await store.write { try $0.log(.loginFailed, of: nil, by: .tester) }
        let peer = try await fixture.peer("laptop", of: tunnel)
        _ = try await store.write { try $0.log(.restore, of: nil, by: .tester) }
        // The second webhook itself, the tunnel, the peer, what was restored.
        #expect(try await read(all.id).pending == 4)
        let (_, pending, next) = try await read(peers.id)
        #expect(pending == 1 && next?.object == peer.object)
        let webhook = try await read(all.id).webhook
        #expect(try await store.read { try $0.pending(for: webhook, limit: 3) } == 3)
    }

    @Test func `what has failed for good is disabled, logged as ours, and begins anew when enabled`() async throws {
        let webhook = try await webhook()
        _ = try await fixture.tunnel()
        var progress = webhook.progress
        progress.failed(.gone, at: store.now, chance: 0)
        let failed = progress
        try await store.write { try $0.note(failed, of: webhook) }
        let after = try await read(webhook.id)
        #expect(!after.webhook.isEnabled && after.webhook.progress == failed && after.pending == 2)
        #expect(after.webhook.stamp.revision == store.revisions.last)
        let entry = try await store.read { try $0.log(limit: 1) }.first
        #expect(entry?.author == .system && entry?.object == webhook.object)
        #expect(entry?.changes == ["enabled": ["from": true, "to": false]])
        var enabled = after.webhook
        enabled.isEnabled = true
        let wanted = enabled
        let stored = try await store.write { try $0.update(wanted, by: .tester) }
        #expect(stored.progress == WebhookProgress(after: webhook.progress.cursor))
    }

    @Test func `a failure of what was changed or deleted meanwhile is nobody's`() async throws {
        let webhook = try await webhook()
        var changed = webhook
        changed.url = try WebhookURL("https://other.example.org/")
        let wanted = changed
        let stored = try await store.write { try $0.update(wanted, by: .tester) }
        var progress = webhook.progress
        progress.failed(.gone, at: store.now, chance: 0)
        let failed = progress
        try await store.write { try $0.note(failed, of: webhook) }
        #expect(try await read(webhook.id).webhook == stored)
        try await store.write { try $0.deleteWebhook(webhook.id, by: .tester) }
        try await store.write { try $0.note(failed, of: webhook) }
        try await store.write { try $0.noteDeliveries(upTo: 9, at: nil, of: webhook.id, ifUnchangedSince: nil) }
        #expect(try await store.read { try $0.webhooks() }.isEmpty)
    }

    @Test func `the log tells of a new secret that it changed, and nothing of it`() async throws {
        let webhook = try await webhook()
        var rotated = webhook
        rotated.sealedSecret = [4, 5, 6]
        let wanted = rotated
        _ = try await store.write { try $0.update(wanted, .rotate, by: .tester) }
        let entry = try await store.read { try $0.log(limit: 1) }.first
        #expect(entry?.action == .rotate && entry?.changes == ["secret": "changed"])
    }

    @Test func `a secret opens for its webhook only, and not as a seed`() throws {
        let vault = SeedVault(folder: fixture.folder + "/")
        let secret = try #require(WebhookSecret.random())
        let id = ObjectID.random()
        let sealed = try vault.seal(secret, of: id)
        #expect(try vault.openWebhookSecret(sealed, of: id).json == secret.json)
        #expect(throws: SeedVault.Failure.self) { try vault.openWebhookSecret(sealed, of: .random()) }
        #expect(throws: SeedVault.Failure.self) { try vault.open(sealed, for: id) }
        #expect(throws: SeedVault.Failure.self) { try vault.openWebhookSecret(sealed.dropLast(), of: id) }
    }
}
