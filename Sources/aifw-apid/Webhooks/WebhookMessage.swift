import Wire

/// One delivery: the same id and the same body however often it is tried.
struct WebhookMessage: Sendable, Equatable {
    /// `msg_`, the webhook's id, the revision and its time in milliseconds: who gets it twice knows it again. Revisions alone begin
    /// anew on a machine that a backup is brought to, where the webhook keeps its id.
    let id: String
    let body: [UInt8]

    /// What a webhook is told of a change.
    init(of entry: AuditEntry, to webhook: ObjectID) {
        self.init(
            id: Self.id(webhook, "\(entry.revision)_\(entry.time.milliseconds)"), type: "vpn.change", time: entry.time,
            data: [
                "revision": .integer(entry.revision),
                "action": .text(entry.action.rawValue),
                "object": entry.object.map { object in
                    ["type": .text(object.kind.rawValue), "id": object.id.json, "name": object.name.json]
                } ?? nil,
                "actor": ["kind": .text(entry.author.kind.rawValue), "name": .text(entry.author.name)],
            ])
    }

    /// One that is about nothing but itself.
    init(testing webhook: WebhookRecord, at time: Timestamp) {
        self.init(
            id: Self.id(webhook.id, "test_\(ObjectID.random())"), type: "vpn.test", time: time,
            data: ["webhook": ["id": webhook.id.json, "name": webhook.name.json]])
    }

    private init(id: String, type: String, time: Timestamp, data: JSON) {
        self.id = id
        let json: JSON = ["type": .text(type), "timestamp": time.json, "data": data]
        body = json.serialized.withUnsafeBytes { Array($0) }
    }

    /// The header fields of one attempt, signed for its time.
    func fields(signedBy secret: WebhookSecret, at time: Timestamp) -> [(name: String, value: String)] {
        let seconds = time.milliseconds / 1000
        return [
            ("Content-Type", "application/json"), ("User-Agent", "aifw-apid/\(Apid.version)"), ("webhook-id", id),
            ("webhook-timestamp", "\(seconds)"),
            ("webhook-signature", secret.signature(id: id, timestamp: seconds, body: body)),
        ]
    }

    private static func id(_ webhook: ObjectID, _ what: String) -> String {
        "msg_\(webhook)_\(what)".replacing("-", with: "")
    }
}
