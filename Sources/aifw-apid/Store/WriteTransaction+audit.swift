import GRDB
import Wire

extension WriteTransaction {
    /// Writes the next line of the log and returns its revision. The first of a request with an idempotency key takes that
    /// along: a request whose change is logged is never carried out again, whenever this program ends.
    ///
    /// - Parameter changes: what was changed, in the API's terms; a secret is named and not shown.
    @discardableResult
    func log(_ action: AuditAction, of object: AuditObject?, by author: Author, changes: JSON? = nil) throws -> Int64 {
        let text = changes.map { $0.serialized.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
        try database.run(
            """
            INSERT INTO revision (time, actor_kind, actor_name, origin, action, object_type, object_id, object_name, changes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .time(now), .text(author.kind.rawValue), .text(author.name), .text(author.origin),
                .text(action.rawValue),
                object.map { .text($0.kind.rawValue) } ?? .null, .bytes(object?.id.bytes), .text(object?.name),
                text.map { .text($0) } ?? .null,
            ])
        let revision = database.lastInsertedRowID
        state.revision = revision
        try noteIdempotency(of: revision)
        return revision
    }
}
