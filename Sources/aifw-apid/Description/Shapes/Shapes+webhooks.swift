import Wire

/// Webhooks: who is told of changes.
extension Shapes {
    static let webhooks: [Named] = [
        ("Webhook", .object(webhook)),
        ("NewWebhook", .object(webhook + [.needed("secret", webhookSecret, "Signs its deliveries; shown this once.")])),
        (
            "WebhookCreation",
            .object([
                .needed("name", .named("Name")), .needed("url", webhookURL), .optional("events", subscriptions),
                .optional("objects", objects), .optional("enabled", Shape.flag.standard(true)),
            ])
        ),
        (
            "WebhookPatch",
            .object(
                [
                    .optional("name", .named("Name")), .optional("url", webhookURL), .optional("events", subscriptions),
                    .optional("objects", objects),
                    .optional("enabled", .flag, "True begins anew what had failed, where it had come to."),
                ] + ["id", "created_at", "updated_at"].map { .optional($0, .text, Words.readOnly) }
                    + ["status", "pending", "last_error", "last_delivery_at", "next_attempt_at"].map {
                        .optional($0, .any, Words.ignored)
                    })
        ),
        (
            "WebhookTest",
            .object([
                .needed("delivered", .flag, "Whether the receiver has answered with 2xx."),
                .needed("message_id", .text, "The `webhook-id` of the delivery."),
                .needed("error", Shape.text.orNull, "Why it was not taken."),
            ])
        ),
    ]

    private static let webhookSecret = Shape.text.pattern("^whsec_[A-Za-z0-9+/]{43}=$")

    private static let webhookURL = Shape.text.length(1...Int64(WebhookURL.limit)).pattern(
        #"^[Hh][Tt][Tt][Pp][Ss]?://[0-9A-Za-z.:\[\]-]+([/?][!$&'()*+,./:;=?@_~0-9A-Za-z%-]*)?$"#
    ).described(
        "`https://` (or `http://`, which others can read), a host name or an address, a port, a path and a query."
    ).example("https://hooks.example.org/vpn")

    private static let subscriptions = Shape.list(of: .words(WebhookEvents.Word.self), count: 1...1).described(
        "What it is told of.")

    private static let objects = Shape.list(of: .words(AuditObject.Kind.self)).notEmpty.orNull.described(
        "The kinds of object whose changes it is told of, none twice; null for all.")

    private static let webhook: [Property] = [
        .needed("id", .named("Id")),
        .needed("name", .named("Name")),
        .needed("url", webhookURL),
        .needed("events", subscriptions),
        .needed("objects", objects),
        .needed("enabled", .flag),
        .needed(
            "status", .words(WebhookProgress.Status.self),
            "`retrying` where the last delivery was not taken; `failed` where that went on for three days, or the receiver "
                + "answered 410, and the webhook was disabled."),
        .needed(
            "pending", .whole(0...Webhooks.pendingLimit), "How many changes it is to be told of yet, 10,000 at most."),
        .needed("last_error", Shape.text.orNull, "Why the last delivery was not taken; null once one is."),
        .needed("last_delivery_at", Shape.named("Time").orNull),
        .needed("next_attempt_at", Shape.named("Time").orNull),
        .needed("created_at", .named("Time")),
        .needed("updated_at", .named("Time")),
    ]
}
