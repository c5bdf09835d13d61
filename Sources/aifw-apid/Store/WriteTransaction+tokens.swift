import Wire

extension WriteTransaction {
    /// Stores a new token, by its hash, and logs it.
    func insert(_ token: TokenRecord, by author: Author) throws {
        try database.run(TokenRecord.insert, token.arguments)
        state.tokensChanged = true
        try log(.create, of: token.object, by: author, changes: ["scopes": .array(token.scopes.names.map(JSON.text))])
    }

    /// Deletes a token and logs it: once this is committed, nobody gets in by it.
    func deleteToken(_ id: ObjectID, by author: Author) throws {
        let token = try token(id)
        try database.run("DELETE FROM token WHERE id = ?", [.bytes(id.bytes)])
        state.tokensChanged = true
        try log(.delete, of: token.object, by: author)
    }
}

extension TokenRecord {
    static let insert = "INSERT INTO token (id, name, scopes, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)"

    /// A value for each column.
    var arguments: [ColumnValue] {
        [
            .bytes(id.bytes), .text(name), .integer(Int64(scopes.rawValue)), .bytes(hash), .time(createdAt),
            .time(expiresAt),
        ]
    }
}
