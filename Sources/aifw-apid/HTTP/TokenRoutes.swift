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
        let scopes = reader.required("scopes", parse: Self.scopes)
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
        return Response.created(
            .object(shown), location: "/api/v1/tokens/\(record.id)", etag: Self.etag(of: record.id)
        ).notStored
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
        try context.conditions.permit(Self.etag(of: id))
        guard try await tokens.delete(id, by: context.author) else {
            throw Problem(.notFound, "There is no token with this id.")
        }
        return Response.message("Token deleted")
    }

    /// A list of names such as `["vpn:read"]`, not empty.
    private static func scopes(_ json: JSON) throws(ValueError) -> Scopes {
        let known = Scopes.named.map(\.name).joined(separator: ", ")
        guard let elements = json.elements, !elements.isEmpty else {
            throw ValueError("must be a list of at least one of \(known)")
        }
        var scopes: Scopes = []
        for element in elements {
            guard let scope = element.text.flatMap(Scopes.init(name:)) else {
                throw ValueError("must have nothing but \(known)")
            }
            scopes.insert(scope)
        }
        return scopes
    }

    /// A token never changes, so its id is all there is to its version.
    private static func etag(of id: ObjectID) -> ETag { ETag(opaque: "t\(id)") }

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
