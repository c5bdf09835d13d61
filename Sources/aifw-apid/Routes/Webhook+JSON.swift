import Wire

extension WebhookRecord {
    /// The webhook as answers show it.
    ///
    /// - Parameters:
    ///   - pending: how many changes it is still to be told of.
    ///   - secret: what signs its deliveries, for the one answer that shows it.
    func json(pending: Int64, _ secret: WebhookSecret? = nil) -> JSON {
        let members: [JSON.Member] = [
            .init(name: "id", value: id.json),
            .init(name: "name", value: name.json),
            .init(name: "url", value: url.json),
            .init(name: "events", value: WebhookEvents.json),
            .init(name: "objects", value: objects?.json ?? .null),
            .init(name: "enabled", value: isEnabled.json),
            .init(name: "status", value: .text(progress.status.rawValue)),
            .init(name: "pending", value: .integer(pending)),
            .init(name: "last_error", value: progress.lastError.map { .text($0) } ?? .null),
            .init(name: "last_delivery_at", value: progress.lastDeliveryAt?.json ?? .null),
            .init(name: "next_attempt_at", value: progress.nextAttemptAt?.json ?? .null),
            .init(name: "created_at", value: stamp.createdAt.json),
            .init(name: "updated_at", value: stamp.updatedAt.json),
        ]
        return .object(members + (secret.map { [.init(name: "secret", value: $0.json)] } ?? []))
    }

    var etag: ETag { ETag(revision: stamp.revision) }

    /// What is worth knowing although it is done.
    var warnings: [String] {
        url.scheme == .http
            ? ["url: deliveries by http are signed, but everybody on the way can read what was changed by whom"] : []
    }

    static func location(_ id: ObjectID) -> String { "/api/v1/webhooks/\(id)" }
}
