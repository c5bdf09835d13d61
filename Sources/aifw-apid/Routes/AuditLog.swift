import HummingbirdCore
import Wire

/// `/api/v1/audit`: who has done what, from where, and what was changed by it. For administrators.
struct AuditLog: Sendable {
    let store: Store

    @Sendable func list(_ context: APIContext) async throws -> Response {
        let reader = context.query
        let query = AuditQuery(reader)
        try reader.finish()
        let (entries, isMore, total) = try await store.read { try $0.log(query) }
        let next = isMore ? entries.last.map { query.cursor(after: $0.revision) } : nil
        return Response.list(entries.map(\.json), nextText: next, total: total).notStored
    }
}

extension AuditEntry {
    /// As the log shows it. No secret is in it.
    fileprivate var json: JSON {
        [
            "revision": .integer(revision),
            "time": time.json,
            "actor": ["kind": .text(author.kind.rawValue), "name": .text(author.name)],
            "origin": .text(author.origin),
            "action": .text(action.rawValue),
            "object": object.map { object in
                ["type": .text(object.kind.rawValue), "id": object.id.json, "name": object.name.json]
            } ?? nil,
            "changes": changes ?? nil,
        ]
    }
}
