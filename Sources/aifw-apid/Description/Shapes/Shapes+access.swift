import Wire

/// Tokens, and the words of the health checks.
extension Shapes {
    static let access: [Named] = [
        ("Scopes", scopes),
        ("Token", .object(token)),
        ("NewToken", .object(token + [.needed("token", .text.pattern("^aifw_[A-Za-z0-9_-]+$"), "Shown this once.")])),
        (
            "TokenCreation",
            .object([
                .needed("name", .named("Name")),
                .needed("scopes", .named("Scopes")),
                .optional("expires_at", Shape.named("Time").orNull, "In the future; null for never."),
            ])
        ),
    ]

    static let scopes = Shape.list(of: .words(Scopes.named.map(\.name))).notEmpty.described(
        "What its holder may do; `vpn:write` and `vpn:secrets` imply `vpn:read`, `admin` implies all.")

    private static let token: [Property] = [
        .needed("id", .named("Id")),
        .needed("name", .named("Name")),
        .needed("scopes", .named("Scopes")),
        .needed("created_at", .named("Time")),
        .needed("expires_at", Shape.named("Time").orNull),
    ]
}
