import GRDB
import Wire

extension StoreTransaction {
    /// All tokens, expired ones too, in the order of their creation.
    func tokens() throws -> [TokenRecord] {
        var tokens: [TokenRecord] = []
        try database.each("\(TokenRecord.select) ORDER BY created_at, id") { row in
            tokens.append(try TokenRecord(row: RowReader(row, of: "token")))
            return true
        }
        return tokens
    }

    /// The token with this id; throws ``StoreError/missing(_:)`` if there is none.
    func token(_ id: ObjectID) throws -> TokenRecord {
        guard let row = try database.first("\(TokenRecord.select) WHERE id = ?", [.bytes(id.bytes)]) else {
            throw StoreError.missing(.token)
        }
        return try TokenRecord(row: RowReader(row, of: "token"))
    }
}

extension TokenRecord {
    static let select = "SELECT id, name, scopes, hash, created_at, expires_at FROM token"

    var object: AuditObject { AuditObject(kind: .token, id: id, name: name) }

    fileprivate init(row: RowReader) throws {
        var row = row
        id = try row.id()
        name = try row.text()
        scopes = Scopes(rawValue: UInt8(truncatingIfNeeded: try row.integer()))
        hash = try row.bytes { $0 }
        createdAt = try row.time()
        expiresAt = try row.optionalTime()
    }
}
