import GRDB
import Wire

extension StoreTransaction {
    /// The user with this id; throws ``StoreError/missing(_:)`` if there is none.
    func user(_ id: ObjectID) throws -> UserRecord {
        guard let row = try database.first("\(UserRecord.select) WHERE id = ?", [.bytes(id.bytes)]) else {
            throw StoreError.missing(.user)
        }
        return try UserRecord(row: RowReader(row, of: "user"))
    }

    /// The user who logs in by this name; nil if there is none.
    func user(named name: Username) throws -> UserRecord? {
        guard let row = try database.first("\(UserRecord.select) WHERE name_key = ?", [.text(name.key)]) else {
            return nil
        }
        return try UserRecord(row: RowReader(row, of: "user"))
    }

    func hasUsers() throws -> Bool { try database.first("SELECT 1 FROM user LIMIT 1") != nil }

    /// All sessions, those too that have ended by themselves and were not removed yet.
    func sessions() throws -> [SessionRecord] {
        var sessions: [SessionRecord] = []
        let sql = """
            SELECT hash, user_id, user.name, user.scopes, session.created_at, seen_at
            FROM session JOIN user ON user.id = user_id
            """
        try database.each(sql) { row in
            sessions.append(try SessionRecord(row: RowReader(row, of: "session")))
            return true
        }
        return sessions
    }

    /// The code by which the first administrator is made; nil if there is none that may still be used.
    func setupCode() throws -> SetupCodeRecord? {
        let sql = "SELECT hash, expires_at, tries_left FROM setup_code WHERE expires_at > ? AND tries_left > 0"
        guard let row = try database.first(sql, [.time(now)]) else { return nil }
        var reader = RowReader(row, of: "setup_code")
        return SetupCodeRecord(
            hash: try reader.bytes { $0 }, expiresAt: try reader.time(), triesLeft: Int(try reader.integer()))
    }
}

extension UserRecord {
    static let select = "SELECT \(columns.joined(separator: ", ")) FROM user"
}

extension SessionRecord {
    fileprivate init(row: RowReader) throws {
        var row = row
        hash = try row.bytes { $0 }
        user = try row.id()
        name = try row.text()
        scopes = Scopes(rawValue: UInt8(truncatingIfNeeded: try row.integer()))
        createdAt = try row.time()
        seenAt = try row.time()
    }
}
