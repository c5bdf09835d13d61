import Wire

/// The data of the events of a stream.
extension Shapes {
    static let events: [Named] = [
        (
            "ChangeEvent",
            .object([
                .needed("revision", .whole(from: 1), "The event's id."),
                .needed("time", .named("Time")),
                .needed(
                    "action",
                    .words(["create", "update", "delete", "start", "stop", "rotate", "import", "restore"])),
                .needed(
                    "object", object(.words(AuditObject.Kind.self)).orNull,
                    "What it was done to, named as it was called then."),
            ])
        ),
        (
            "StatusEvent",
            .object([
                .needed("time", .named("Time"), "When it was found so."),
                .needed("object", object(.words(["tunnel", "association"]))),
                .needed("status", .words(["up", "down", "error"])),
                .needed("status_detail", Shape.text.orNull, "What is wrong, in words."),
            ])
        ),
        (
            "HandshakeEvent",
            .object([
                .needed("time", .named("Time"), "When it was found so."),
                .needed("tunnel", .object([.needed("id", .named("Id")), .needed("name", .named("Name"))])),
                .needed(
                    "peers",
                    .list(
                        of: .object([
                            .needed("id", .named("Id")), .needed("name", .named("Name")),
                            .needed("state", .words(["never", "online", "stale", "disabled", "expired"])),
                            .needed("latest_handshake", Shape.named("Time").orNull),
                        ]), count: 1...500), "Those in another state, or that have shaken hands anew."),
            ])
        ),
        ("ResetEvent", .object([.needed("revision", .whole(from: 0), "Of the last change.")])),
    ]

    private static func object(_ type: Shape) -> Shape {
        .object([.needed("type", type), .needed("id", .named("Id")), .needed("name", .named("Name"))])
    }
}
