import HummingbirdCore
import Wire

/// `/api/v1/users`: who may log in with a password. For administrators.
struct Users: Sendable {
    let store: Store
    let hasher: PasswordHasher

    // MARK: Reading

    @Sendable func list(_ context: APIContext) async throws -> Response {
        let reader = context.query
        let query = ListQuery(reader)
        try reader.finish()
        let page = try await store.read { try $0.users(query) }
        return .list(page.records.map(\.json), next: page.next, total: page.total)
    }

    @Sendable func get(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let user = try await store.read { try $0.user(id) }
        return .data(user.json, etag: user.etag)
    }

    // MARK: Writing

    /// `scopes` must be there: nobody makes an administrator by leaving a word out.
    @Sendable func create(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let reader = try await context.body()
        let username = reader.required("username", as: Username.self)
        let password = reader.required("password", parse: Password.init(json:))
        let scopes = reader.required("scopes", parse: Scopes.init(json:))
        let (name, chosen, granted) = try reader.finish(username, password, scopes)
        let hash = try await hasher.hash(chosen)
        let author = context.author
        let user = try await store.write { transaction in
            try transaction.insert(
                UserRecord(id: .random(), name: name, passwordHash: hash, scopes: granted), by: author)
        }
        return .created(user.json, location: UserRecord.location(user.id), etag: user.etag)
    }

    /// Another password, or other scopes, end all sessions of the user.
    @Sendable func patch(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let reader = try await context.body()
        let current = try await store.read { try $0.user(id) }
        try context.conditions.permit(current.etag)
        let username = reader.optional("username", as: Username.self)
        let password = reader.optional("password", parse: Password.init(json:))
        let scopes = reader.optional("scopes", parse: Scopes.init(json:))
        reader.refuseNull("username", username)
        reader.refuseNull("password", password)
        reader.refuseNull("scopes", scopes)
        for name in ["id", "has_totp", "created_at", "updated_at"] {
            reader.readOnly(name, is: current.json[name] ?? nil)
        }
        // He may have logged in since the client read it.
        reader.ignored("last_login_at")
        try reader.finish()
        let hash = try await password.value.asyncMap { try await hasher.hash($0) }
        let author = context.author
        let conditions = context.conditions
        let user = try await store.write { transaction in
            var user = try transaction.user(id)
            try conditions.permit(user.etag)
            user.name = username.value ?? user.name
            user.passwordHash = hash ?? user.passwordHash
            user.scopes = scopes.value ?? user.scopes
            return try transaction.update(user, by: author)
        }
        return .data(user.json, etag: user.etag)
    }

    @Sendable func delete(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let author = context.author
        let conditions = context.conditions
        try await store.write { transaction in
            try conditions.permit(transaction.user(id).etag)
            try transaction.deleteUser(id, by: author)
        }
        return .message("User deleted")
    }
}
