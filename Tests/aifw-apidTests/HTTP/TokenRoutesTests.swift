import Synchronization
import Testing
import Wire

@testable import aifw_apid

@Suite struct TokenRoutesTests {
    /// Tokens in memory, as the store keeps them.
    private final class Tokens: TokenStoring, TokenVerifier {
        private let records = Mutex<[TokenRecord]>([])

        func create(_ token: NewToken, by author: Author) async throws -> TokenRecord {
            let record = TokenRecord(
                id: token.id, name: token.name, scopes: token.scopes, hash: token.hash,
                createdAt: Timestamp(milliseconds: 0), expiresAt: token.expiresAt)
            records.withLock { $0.append(record) }
            return record
        }

        func all() async throws -> [TokenRecord] { records.withLock { $0 } }

        func delete(_ id: ObjectID, by author: Author) async throws -> Bool {
            records.withLock { records in
                let before = records.count
                records.removeAll { $0.id == id }
                return records.count < before
            }
        }

        func verify(sessionHash: [UInt8]) async throws -> Caller? { nil }

        func verify(tokenHash: [UInt8]) async throws -> Caller? {
            records.withLock { $0 }.first { $0.hash == tokenHash }.map {
                Caller(kind: .token($0.id), name: $0.name.description, scopes: $0.scopes)
            }
        }
    }

    private struct Ready: Readiness {
        let list: [String]
        func missing() async -> [String] { list }
    }

    private func with(
        missing: [String] = [], _ body: @escaping @Sendable (LiveServer) async throws -> Void
    ) async throws {
        let tokens = Tokens()
        let health = Health(readiness: Ready(list: missing))
        let routes = TokenRoutes(tokens: tokens, now: { Timestamp(milliseconds: 1_000_000_000_000) })
        let table: [Route] = [
            .get("/healthz", .open, health.live), .get("/readyz", .open, health.ready),
            .get("/api/v1/tokens", .admin, routes.list), .post("/api/v1/tokens", .admin, routes.create),
            .delete("/api/v1/tokens/{id}", .admin, routes.delete),
        ]
        try await LiveServer.with(table, verifier: tokens, body)
    }

    @Test func `a token made over the socket opens the API over TLS until it is deleted`() async throws {
        try await with { server in
            let made = try await server.local(
                "/api/v1/tokens", "-H", "Content-Type: application/json", "-d", #"{"name":"ci","scopes":["admin"]}"#)
            #expect(made.status == 201)
            #expect(made.headers["cache-control"] == "no-store")
            let data = try #require(try made.json["data"])
            let id = try #require(data["id"]?.text)
            #expect(made.headers["location"] == "/api/v1/tokens/\(id)")
            let header = "Authorization: Bearer \(try #require(data["token"]?.text))"
            let list = try await server.remote("/api/v1/tokens", "-H", header)
            #expect(list.status == 200)
            #expect(try list.json["total"] == 1)
            #expect(try list.json["data"]?.elements?.first?["token"] == nil)
            let deleted = try await server.remote("/api/v1/tokens/\(id)", "-X", "DELETE", "-H", header)
            #expect(try deleted.json == ["message": "Token deleted"])
            #expect(try await server.remote("/api/v1/tokens", "-H", header).status == 401)
            #expect(try await server.local("/api/v1/tokens/\(id)", "-X", "DELETE").status == 404)
        }
    }

    @Test func `a token is deleted on the conditions of the request, and with no word of a query`() async throws {
        try await with { server in
            let made = try await server.local(
                "/api/v1/tokens", "-H", "Content-Type: application/json", "-d", #"{"name":"ci","scopes":["admin"]}"#)
            let tag = try #require(made.headers["etag"])
            let path = "/api/v1/tokens/\(try #require(try made.json["data"]?["id"]?.text))"
            #expect(try await server.local("\(path)?force=true", "-X", "DELETE").status == 422)
            #expect(try await server.local(path, "-X", "DELETE", "-H", "If-Match: \"other\"").status == 412)
            #expect(try await server.local(path, "-X", "DELETE", "-H", "If-Match: \(tag)").status == 200)
            #expect(try await server.local(path, "-X", "DELETE", "-H", "If-Match: \(tag)").status == 404)
        }
    }

    @Test func `no token is made with a word of a query`() async throws {
        try await with { server in
            let answer = try await server.local(
                "/api/v1/tokens?dry_run=true", "-H", "Content-Type: application/json", "-d",
                #"{"name":"ci","scopes":["admin"]}"#)
            #expect(answer.status == 422)
            #expect(try await server.local("/api/v1/tokens").json["total"] == 0)
        }
    }

    @Test func `every fault of a new token is named`() async throws {
        try await with { server in
            let answer = try await server.local(
                "/api/v1/tokens", "-d", #"{"scopes":["root"],"expires_at":"2001-01-01T00:00:00Z","nmae":"x"}"#, "-H",
                "Content-Type: application/json")
            #expect(answer.status == 422)
            #expect(
                try answer.json["errors"]?.elements?.compactMap { $0["field"]?.text } == [
                    "name", "scopes", "expires_at", "nmae",
                ])
        }
    }

    @Test func `readyz says what is missing, healthz answers all the same`() async throws {
        try await with(missing: ["The helper does not answer."]) { server in
            #expect(try await server.remote("/healthz").json == ["status": "ok"])
            let ready = try await server.remote("/readyz")
            #expect(ready.status == 503)
            #expect(ready.headers["retry-after"] == "2")
            #expect(try ready.json["detail"] == "The helper does not answer.")
        }
        try await with { server in
            let ready = try await server.remote("/readyz")
            #expect(ready.status == 200)
        }
    }

    @Test(arguments: [#"{"name":"first"}"#, #"{"name":"first","scopes":null}"#, #"{"name":"first","scopes":[]}"#])
    func `no token is made that does not say what it may do`(body: String) async throws {
        try await with { server in
            let answer = try await server.local(
                "/api/v1/tokens", "-H", "Content-Type: application/json", "-d", body)
            #expect(answer.status == 422)
            #expect(try answer.json["errors"]?.elements?.compactMap { $0["field"]?.text } == ["scopes"])
            #expect(try await server.local("/api/v1/tokens").json["total"] == 0)
        }
    }
}
