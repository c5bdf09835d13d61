import HummingbirdCore
import Wire

/// `/api/v1/tokens`: making, listing and deleting bearer tokens. For administrators.
struct TokenRoutes: Sendable {
    let tokens: any TokenStoring
    let now: @Sendable () -> Timestamp

    /// `{name, scopes, expires_at}` → 201 with the record and, this once, the token itself.
    ///
    /// `scopes` must be there: nobody makes a token for everything by leaving a word out.
    @Sendable func create(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let reader = try await context.body()
        let name = reader.required("name", as: ObjectName.self)
        let scopes = reader.required("scopes", parse: Scopes.init(json:))
        let expiresAt = reader.optional("expires_at", as: Timestamp.self)
        if let time = expiresAt.value, time <= now() { reader.fault("expires_at", "must be in the future") }
        let (chosenName, chosenScopes) = try reader.finish(name, scopes)
        let token = BearerToken.random()
        let record = try await tokens.create(
            NewToken(
                id: .random(), name: chosenName, scopes: chosenScopes, expiresAt: expiresAt.value,
                hash: token.hash),
            by: context.author)
        let shown = Self.members(of: record) + [.init(name: "token", value: .text(token.secret))]
        return Response.created(.object(shown), location: "/api/v1/tokens/\(record.id)", etag: Self.etag(record.id))
            .notStored
    }

    @Sendable func list(_ context: APIContext) async throws -> Response {
        let reader = context.query
        let query = ListQuery(reader)
        try reader.finish()
        let page = TokenPage(of: try await tokens.all(), query)
        return Response.list(page.records.map { .object(Self.members(of: $0)) }, next: page.next, total: page.total)
            .notStored
    }

    @Sendable func delete(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let missing = Problem(.notFound, "There is no token with this id.")
        guard try await tokens.all().contains(where: { $0.id == id }) else { throw missing }
        try context.conditions.permit(Self.etag(id))
        guard try await tokens.delete(id, by: context.author) else { throw missing }
        return Response.message("Token deleted")
    }

    /// A token never changes, so its id is its version.
    private static func etag(_ id: ObjectID) -> ETag { ETag(opaque: id.description) }

    private static func members(of record: TokenRecord) -> [JSON.Member] {
        [
            .init(name: "id", value: record.id.json),
            .init(name: "name", value: record.name.json),
            .init(name: "scopes", value: .array(record.scopes.names.map { .text($0) })),
            .init(name: "created_at", value: record.createdAt.json),
            .init(name: "expires_at", value: record.expiresAt?.json ?? .null),
        ]
    }
}
