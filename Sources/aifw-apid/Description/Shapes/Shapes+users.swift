import Wire

/// Users, their log-ins, and the audit log.
extension Shapes {
    static let users: [Named] = [
        ("User", .object(user)),
        (
            "UserCreation",
            .object([
                .needed("username", username), .needed("password", password), .needed("scopes", .named("Scopes")),
            ])
        ),
        (
            "UserPatch",
            .object([
                .optional("username", username),
                .optional("password", password, "Ends the user's sessions."),
                .optional("scopes", .named("Scopes"), "Others end the user's sessions."),
                .optional("id", .text, Words.readOnly),
                .optional("has_totp", .flag, Words.readOnly),
                .optional("created_at", .text, Words.readOnly),
                .optional("updated_at", .text, Words.readOnly),
                .optional("last_login_at", .any, Words.ignored),
            ])
        ),
        (
            "OneTimePasswordSecret",
            .object([
                .needed("secret", .text.pattern("^[A-Z2-7]+=*$"), "In base 32, for an authenticator; shown this once."),
                .needed("otpauth_uri", .text.pattern("^otpauth://totp/"), "The same, as a camera reads it."),
                .needed("qr_svg", .text.pattern("^<svg "), "The same as a QR code: an SVG document."),
            ])
        ),
        ("OneTimePasswordConfirmation", .object([.needed("code", code, "What the authenticator shows now.")])),
        (
            "LogIn",
            .object([
                .needed("username", .text),
                .needed("password", .text.length(0...1024), "At most 1024 bytes of UTF-8."),
                .optional("totp", code.orNull, "What the authenticator shows, where the user has one."),
            ])
        ),
        (
            "Session",
            .object([
                .needed("username", username), .needed("scopes", .named("Scopes")),
                .needed("csrf_token", .text, "For the header `X-CSRF-Token` of whatever may change something."),
                .needed("expires_at", .named("Time")),
            ])
        ),
        (
            "Caller",
            .object([
                .needed("kind", .words(["user", "token", "account"])),
                .needed("name", .text), .needed("scopes", .named("Scopes")),
                .needed("csrf_token", Shape.text.orNull, "Of a session only."),
                .needed("expires_at", Shape.named("Time").orNull, "When the session ends."),
            ])
        ),
        (
            "SetUpCode",
            .object([
                .needed("code", .text.pattern("^([A-Z2-7]{5}-){4}[A-Z2-7]{6}$"), "Shown this once; good for 5 tries."),
                .needed("expires_at", .named("Time"), "15 minutes from now."),
            ])
        ),
        (
            "SetUp",
            .object([
                .needed("code", .text, "Hyphens may be left out, and small letters do."),
                .needed("username", username), .needed("password", password),
            ])
        ),
        ("AuditRecord", .object(auditRecord)),
    ]

    private static let username = Shape.text.length(1...64).pattern("^[A-Za-z0-9._@-]+$").described(
        "The same in upper and lower case.")
    private static let password = Shape.text.length(12...1024).described("12 to 1024 bytes of UTF-8.")
    private static let code = Shape.text.pattern("^[0-9]{6}$")

    private static let user: [Property] = [
        .needed("id", .named("Id")),
        .needed("username", username),
        .needed("scopes", .named("Scopes")),
        .needed("has_totp", .flag, "Whether a log-in needs a one-time password."),
        .needed("created_at", .named("Time")),
        .needed("updated_at", .named("Time")),
        .needed("last_login_at", Shape.named("Time").orNull),
    ]

    private static let auditRecord: [Property] = [
        .needed("revision", .whole(from: 1), "Each change has the next one."),
        .needed("time", .named("Time")),
        .needed(
            "actor",
            .object([.needed("kind", .words(Author.Kind.self)), .needed("name", .text)]), "Who did it."),
        .needed("origin", .text, "The address that it came from; `local` over the Unix socket."),
        .needed("action", .words(AuditAction.self)),
        .needed(
            "object",
            Shape.object([
                .needed("type", .words(AuditObject.Kind.self)), .needed("id", .named("Id")),
                .needed("name", .named("Name")),
            ]).orNull, "What it was done to, named as it was called then."),
        .needed(
            "changes", .any(of: [.anyObject, .null]), "What was changed, in the API's own terms, without secrets."),
    ]
}
