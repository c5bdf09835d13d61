import Wire

extension Store: TokenStoring {
    func create(_ token: NewToken, by author: Author) async throws -> TokenRecord {
        try await write { transaction in
            let record = TokenRecord(
                id: token.id, name: token.name, scopes: token.scopes, hash: token.hash, createdAt: transaction.now,
                expiresAt: token.expiresAt)
            if let other = try transaction.tokens().first(where: { $0.name == token.name }) {
                throw StoreError.clash([Clash(subject: .name, other: other.object)])
            }
            try transaction.insert(record, by: author)
            return record
        }
    }

    func all() async throws -> [TokenRecord] {
        try await read { try $0.tokens() }.sorted { $0.name.description < $1.name.description }
    }

    func delete(_ id: ObjectID, by author: Author) async throws -> Bool {
        do {
            try await write { try $0.deleteToken(id, by: author) }
            return true
        } catch StoreError.missing(.token) {
            return false
        }
    }
}
