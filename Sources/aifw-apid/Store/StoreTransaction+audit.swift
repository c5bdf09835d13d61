import GRDB
import Wire

extension StoreTransaction {
    /// The number of the last change; 0 if there was none.
    func revision() throws -> Int64 { try database.first("SELECT max(number) FROM revision")?[0] ?? 0 }

    /// The number of the oldest change that is in the log; nil if there is none.
    func oldestRevision() throws -> Int64? { try database.first("SELECT min(number) FROM revision")?[0] }

    /// Changes after a revision, the oldest first: what an event stream has missed.
    func changes(after revision: Int64, limit: Int) throws -> [AuditEntry] {
        try entries("WHERE number > ? ORDER BY number LIMIT ?", [.integer(revision), .integer(Int64(limit))])
    }

    /// The next change after a revision that a webhook is told of; nil if there is none.
    func change(after revision: Int64, for webhook: WebhookRecord) throws -> AuditEntry? {
        let (condition, arguments) = Self.told(webhook, after: revision)
        return try entries("\(condition) ORDER BY number LIMIT 1", arguments).first
    }

    /// How many changes a webhook is still to be told of, counted up to `limit`.
    func pending(for webhook: WebhookRecord, limit: Int64) throws -> Int64 {
        let (condition, arguments) = Self.told(webhook, after: webhook.progress.cursor)
        let sql = "SELECT count(*) FROM (SELECT 1 FROM revision \(condition) LIMIT ?)"
        return try database.first(sql, arguments + [.integer(limit)])?[0] ?? 0
    }

    private static func told(_ webhook: WebhookRecord, after revision: Int64) -> (String, [ColumnValue]) {
        func places(_ count: Int) -> String { repeatElement("?", count: count).joined(separator: ", ") }
        var condition = "WHERE number > ? AND action IN (\(places(AuditAction.changes.count)))"
        var arguments = [.integer(revision)] + AuditAction.changes.map { ColumnValue.text($0.rawValue) }
        if let kinds = webhook.objects?.kinds {
            condition += " AND object_type IN (\(places(kinds.count)))"
            arguments += kinds.map { .text($0.rawValue) }
        }
        return (condition, arguments)
    }

    /// The log, the newest first.
    ///
    /// - Parameter revision: where the page before ended; nil for the first page.
    func log(before revision: Int64? = nil, limit: Int) throws -> [AuditEntry] {
        try entries(
            "WHERE number < ? ORDER BY number DESC LIMIT ?", [.integer(revision ?? .max), .integer(Int64(limit))])
    }

    /// A page of the log, whether there is more of it, and how many lines there are on all pages.
    func log(_ query: AuditQuery) throws -> (entries: [AuditEntry], isMore: Bool, total: Int) {
        var conditions: [String] = []
        var arguments: [ColumnValue] = []
        if let search = query.search {
            conditions.append(
                "(instr(lower(actor_name), lower(?)) > 0 OR instr(lower(coalesce(object_name, '')), lower(?)) > 0)")
            arguments += [.text(search), .text(search)]
        }
        if let action = query.action {
            conditions.append("action = ?")
            arguments.append(.text(action.rawValue))
        }
        if let object = query.object {
            conditions.append("object_id = ?")
            arguments.append(.bytes(object.bytes))
        }
        func clause() -> String { conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))" }
        let total: Int = try database.first("SELECT count(*) FROM revision \(clause())", arguments)?[0] ?? 0
        let isNewestFirst = query.sort == .newestFirst
        if let last = query.last {
            conditions.append("number \(isNewestFirst ? "<" : ">") ?")
            arguments.append(.integer(last))
        }
        // One more than the page holds, so that it shows whether there is another page.
        let entries = try entries(
            "\(clause()) ORDER BY number \(isNewestFirst ? "DESC" : "ASC") LIMIT ?",
            arguments + [.integer(Int64(query.limit) + 1)])
        return (Array(entries.prefix(query.limit)), entries.count > query.limit, total)
    }

    private func entries(_ condition: String, _ arguments: [ColumnValue]) throws -> [AuditEntry] {
        let columns =
            "number, time, actor_kind, actor_name, origin, action, object_type, object_id, object_name, changes"
        var entries: [AuditEntry] = []
        try database.each("SELECT \(columns) FROM revision \(condition)", arguments) { row in
            entries.append(try AuditEntry(row: RowReader(row, of: "revision")))
            return true
        }
        return entries
    }
}

extension AuditEntry {
    fileprivate init(row: RowReader) throws {
        var row = row
        revision = try row.integer()
        time = try row.time()
        author = Author(kind: try row.word(), name: try row.string(), origin: try row.string())
        action = try row.word()
        let kind: AuditObject.Kind? = try row.optionalWord()
        let id = try row.optionalBytes(ObjectID.init(bytes:))
        let name: ObjectName? = try row.optionalText()
        if let kind, let id, let name { object = AuditObject(kind: kind, id: id, name: name) } else { object = nil }
        changes = try row.optionalString().map { try JSONParser.parse(Bytes($0.utf8)) }
    }
}
