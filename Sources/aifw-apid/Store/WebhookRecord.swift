import Wire

/// Somebody who is told of changes by HTTP.
struct WebhookRecord: Sendable, Equatable {
    let id: ObjectID
    var name: ObjectName
    var url: WebhookURL
    /// The kinds of object whose changes it is told of; nil for all, and for changes that are about none.
    var objects: WebhookObjects?
    var isEnabled: Bool
    /// What deliveries are signed with, by ``SeedVault``.
    var sealedSecret: [UInt8]

    /// Not part of what the revision counts: a delivery is no change.
    private(set) var progress: WebhookProgress
    /// Set by the store.
    private(set) var stamp = ObjectStamp.none

    init(
        id: ObjectID, name: ObjectName, url: WebhookURL, objects: WebhookObjects?, isEnabled: Bool,
        sealedSecret: [UInt8]
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.objects = objects
        self.isEnabled = isEnabled
        self.sealedSecret = sealedSecret
        progress = WebhookProgress(after: 0)
    }

    /// How the log and other objects' refusals name it.
    var object: AuditObject { AuditObject(kind: .webhook, id: id, name: name) }
}

extension WebhookRecord {
    /// The columns in the order in which ``init(row:)`` reads and ``arguments`` writes them.
    static let columns =
        ["id", "name", "url", "objects", "enabled", "secret", "created_at", "updated_at", "revision"]
        + WebhookProgress.columns

    static let select = "SELECT \(columns.joined(separator: ", ")) FROM webhook"

    init(row: RowReader) throws {
        var row = row
        id = try row.id()
        name = try row.text()
        url = try row.text()
        objects = try row.optionalString().map { try WebhookObjects(stored: $0) }
        isEnabled = try row.flag()
        sealedSecret = try row.bytes { $0 }
        stamp = try ObjectStamp(row: &row)
        progress = try WebhookProgress(row: &row)
    }

    /// A value for each column.
    var arguments: [ColumnValue] {
        [
            .bytes(id.bytes), .text(name), .text(url), .optional(objects?.stored), .flag(isEnabled),
            .bytes(sealedSecret),
        ] + stamp.arguments + progress.arguments
    }

    /// The same with what the store keeps of it.
    func stamped(_ stamp: ObjectStamp, _ progress: WebhookProgress) -> WebhookRecord {
        var record = self
        record.stamp = stamp
        record.progress = progress
        return record
    }
}
