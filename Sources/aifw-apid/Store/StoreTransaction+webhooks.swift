import GRDB
import Wire

extension StoreTransaction {
    /// All webhooks, in the order of their creation.
    func webhooks() throws -> [WebhookRecord] {
        var webhooks: [WebhookRecord] = []
        try database.each("\(WebhookRecord.select) ORDER BY created_at, id") { row in
            webhooks.append(try WebhookRecord(row: RowReader(row, of: "webhook")))
            return true
        }
        return webhooks
    }

    /// The webhook with this id; nil if there is none.
    func webhook(ifThere id: ObjectID) throws -> WebhookRecord? {
        try database.first("\(WebhookRecord.select) WHERE id = ?", [.bytes(id.bytes)]).map {
            try WebhookRecord(row: RowReader($0, of: "webhook"))
        }
    }

    /// The webhook with this id; throws ``StoreError/missing(_:)`` if there is none.
    func webhook(_ id: ObjectID) throws -> WebhookRecord {
        guard let webhook = try webhook(ifThere: id) else { throw StoreError.missing(.webhook) }
        return webhook
    }

    /// The webhook of this name; nil if there is none.
    func webhook(named name: ObjectName) throws -> WebhookRecord? {
        try database.first("\(WebhookRecord.select) WHERE name_key = ?", [.text(name.key)]).map {
            try WebhookRecord(row: RowReader($0, of: "webhook"))
        }
    }
}
