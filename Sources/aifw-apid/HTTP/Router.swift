/// What the routes lead to.
struct Handlers: Sendable {
    let health: Health
    let tokens: TokenRoutes
}

/// The whole URL table: method, path, what the caller needs, what answers.
enum Router {
    static func table(_ handlers: Handlers) -> [Route] {
        let health = handlers.health
        let tokens = handlers.tokens
        return [
            .get("/healthz", .open, health.live),
            .get("/readyz", .open, health.ready),

            .get("/api/v1/tokens", .admin, tokens.list),
            .post("/api/v1/tokens", .admin, tokens.create),
            .delete("/api/v1/tokens/{id}", .admin, tokens.delete),
        ]
    }
}
