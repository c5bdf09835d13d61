import HummingbirdCore
import Wire

/// `/api/v1/webhooks`: who is told of changes by HTTP. For administrators.
struct Webhooks: Sendable {
    /// The most that there may be.
    static let limit = 32
    /// As far as what is still to be delivered is counted.
    static let pendingLimit: Int64 = 10_000

    let store: Store
    let courier: WebhookCourier
    let seeds: SeedVault
    private let trials = WebhookTrials()

    init(store: Store, courier: WebhookCourier, seeds: SeedVault) {
        self.store = store
        self.courier = courier
        self.seeds = seeds
    }

    // MARK: Reading

    @Sendable func list(_ context: APIContext) async throws -> Response {
        let reader = context.query
        let query = ListQuery(reader)
        try reader.finish()
        let (page, items) = try await store.read { transaction in
            let page = try transaction.webhooks(query)
            return (page, try page.records.map { $0.json(pending: try transaction.pending(for: $0)) })
        }
        return .list(items, next: page.next, total: page.total)
    }

    @Sendable func get(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let (webhook, pending) = try await store.read { transaction in
            let webhook = try transaction.webhook(id)
            return (webhook, try transaction.pending(for: webhook))
        }
        return .data(webhook.json(pending: pending), etag: webhook.etag)
    }

    // MARK: Writing

    /// The signing secret is in this answer only.
    @Sendable func create(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let reader = try await context.body()
        let fields = WebhookFields(reader, isNew: true, courier.networks)
        let (name, url) = try reader.finish(fields.name, fields.url)
        let id = ObjectID.random()
        let secret = try Self.secret()
        let webhook = WebhookRecord(
            id: id, name: name, url: url, objects: fields.objects.value, isEnabled: fields.isEnabled ?? true,
            sealedSecret: try seeds.seal(secret, of: id))
        let author = context.author
        let stored = try await store.write { transaction in
            guard try transaction.webhooks().count < Self.limit else {
                throw Problem(.conflict, "There are \(Self.limit) webhooks already, the most that there may be.")
            }
            return try transaction.insert(webhook, by: author)
        }
        return Response.created(
            stored.json(pending: 0, secret), location: WebhookRecord.location(id), etag: stored.etag,
            warnings: stored.warnings
        ).notStored
    }

    @Sendable func patch(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let reader = try await context.body()
        let current = try await store.read { try $0.webhook(id) }
        try context.conditions.permit(current.etag)
        let fields = WebhookFields(reader, isNew: false, courier.networks)
        for name in ["id", "created_at", "updated_at"] {
            reader.readOnly(name, is: current.json(pending: 0)[name] ?? nil)
        }
        // They may have moved on since the client read them.
        for name in ["status", "pending", "last_error", "last_delivery_at", "next_attempt_at"] { reader.ignored(name) }
        try reader.finish()
        let author = context.author
        let conditions = context.conditions
        let (webhook, pending) = try await store.write { transaction in
            var webhook = try transaction.webhook(id)
            try conditions.permit(webhook.etag)
            webhook.name = fields.name ?? webhook.name
            webhook.url = fields.url ?? webhook.url
            webhook.objects = fields.objects.applied(to: webhook.objects)
            webhook.isEnabled = fields.isEnabled ?? webhook.isEnabled
            let stored = try transaction.update(webhook, by: author)
            return (stored, try transaction.pending(for: stored))
        }
        return .data(webhook.json(pending: pending), etag: webhook.etag, warnings: webhook.warnings)
    }

    @Sendable func delete(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let author = context.author
        let conditions = context.conditions
        try await store.write { transaction in
            try conditions.permit(transaction.webhook(id).etag)
            try transaction.deleteWebhook(id, by: author)
        }
        return .message("Webhook deleted")
    }

    /// Another signing secret, in this answer only; the former one signs nothing more.
    @Sendable func rotate(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        // Before a secret is made for nobody.
        _ = try await store.read { try $0.webhook(id) }
        let secret = try Self.secret()
        let sealed = try seeds.seal(secret, of: id)
        let author = context.author
        let conditions = context.conditions
        let (webhook, pending) = try await store.write { transaction in
            var webhook = try transaction.webhook(id)
            try conditions.permit(webhook.etag)
            webhook.sealedSecret = sealed
            let stored = try transaction.update(webhook, .rotate, by: author)
            return (stored, try transaction.pending(for: stored))
        }
        return Response.data(webhook.json(pending: pending, secret), etag: webhook.etag).notStored
    }

    /// Sends one delivery of no meaning now, whether the webhook is enabled or not, and says what came of it.
    @Sendable func test(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let webhook = try await store.read { try $0.webhook(id) }
        let message = WebhookMessage(testing: webhook, at: store.now)
        let fault = try await trials.run {
            let line = courier.line()
            let fault = await courier.deliver(message, to: webhook, over: line)
            await line.close()
            return fault
        }
        return .data([
            "delivered": (fault == nil).json, "message_id": .text(message.id),
            "error": fault.map { .text($0.description) } ?? nil,
        ])
    }

    private static func secret() throws(Problem) -> WebhookSecret {
        guard let secret = WebhookSecret.random() else { throw Problem(.internalError, "No secret could be made.") }
        return secret
    }
}

extension StoreTransaction {
    fileprivate func pending(for webhook: WebhookRecord) throws -> Int64 {
        try pending(for: webhook, limit: Webhooks.pendingLimit)
    }
}
