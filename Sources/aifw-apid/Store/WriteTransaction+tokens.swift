import Wire

extension WriteTransaction {
    /// Stores a new token, by its hash, and logs it.
    func insert(_ token: TokenRecord, by author: Author) throws {
        try database.run(
            "INSERT INTO token (id, name, scopes, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .bytes(token.id.bytes), .text(token.name), .integer(Int64(token.scopes.rawValue)), .bytes(token.hash),
                .time(token.createdAt), .time(token.expiresAt),
            ])
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
