import HTTPTypes
import Wire

extension Operations {
    private static let path = "/api/v1/webhooks"
    private static let one = "/api/v1/webhooks/{id}"

    static let webhooks: [Operation] = [
        Operation(
            method: .get, path: path, id: "listWebhooks", topic: .webhooks, summary: "List webhooks",
            details: "Without what signs their deliveries. `q` is part of the name.", parameters: list,
            answers: [
                .json(
                    "A page of them.", Shapes.page(of: "Webhook"),
                    examples: [Example("one", "One webhook", ["data": [webhook([])], "total": 1])])
            ]),
        Operation(
            method: .post, path: path, id: "createWebhook", topic: .webhooks, summary: "Add a webhook",
            details: """
                Each change that is made from now on is sent to the URL as a POST, in order and at least once: \
                `{"type": "vpn.change", "timestamp", "data": {"revision", "action", "object", "actor"}}`. It is signed as \
                Standard Webhooks has it: `webhook-signature` is `v1,` and the HMAC-SHA256 of \
                `webhook-id.webhook-timestamp.body` in base 64, by the secret that is in this answer only.

                Where webhooks may call is a setting (`webhook-networks`), and holds for the address that a name has at the \
                time. What is not answered with 2xx within 15 s is tried again for three days, then the webhook is disabled.
                """,
            body: BodyDescription(
                .named("WebhookCreation"),
                Example("all", "Every change", ["name": "inventory", "url": "https://hooks.example.org/vpn"]),
                Example(
                    "peers", "What is done to tunnels and peers",
                    [
                        "name": "desk", "url": "https://192.0.2.10:8443/aifw?site=1", "events": ["change"],
                        "objects": ["tunnel", "peer"],
                    ])),
            answers: [
                .created(
                    "It is made.", Shapes.data(.named("NewWebhook"), warnings: true), .eTag, .location, .notStored,
                    examples: [Example("all", "The secret, this once", ["data": webhook([secret])])],
                    leadsTo: [.id("getWebhook"), .id("changeWebhook"), .id("rotateWebhook"), .id("deleteWebhook")])
            ], problems: [.nameInUse, .conflict]),
        Operation(
            method: .get, path: one, id: "getWebhook", topic: .webhooks, summary: "Read a webhook",
            details: "With how its deliveries fare, which its ETag does not count.", answers: [read]),
        Operation(
            method: .patch, path: one, id: "changeWebhook", topic: .webhooks, summary: "Change a webhook",
            details: """
                What has happened while it was disabled is delivered when it is enabled. Any change begins anew what had \
                failed.
                """,
            body: BodyDescription(.named("WebhookPatch"), Example("pause", "No more for now", ["enabled": false])),
            answers: [read], problems: [.nameInUse, .preconditionFailed]),
        Operation(
            method: .delete, path: one, id: "deleteWebhook", topic: .webhooks, summary: "Remove a webhook",
            details: "What is not on its way yet is never sent.", answers: [.message("Webhook deleted")],
            problems: [.preconditionFailed]),
        Operation(
            method: .post, path: one + "/rotate", id: "rotateWebhook", topic: .webhooks, summary: "Make another secret",
            details: "The former one signs nothing from then on.",
            answers: [
                .json(
                    "It is made, and shown this once.", Shapes.data(.named("NewWebhook")), .eTag, .notStored,
                    examples: [Example("all", "The secret, this once", ["data": webhook([secret])])])
            ], problems: [.preconditionFailed]),
        Operation(
            method: .post, path: one + "/test", id: "testWebhook", topic: .webhooks, summary: "Try a webhook",
            details: """
                Sends one delivery of type `vpn.test` now, whether the webhook is enabled or not, and says what came of it; \
                it is not tried again. Four at once at most.
                """,
            answers: [
                .json(
                    "It was tried.", Shapes.data(.named("WebhookTest")),
                    examples: [
                        Example("taken", "It was taken", ["data": trial(nil)]),
                        Example("refused", "It was not", ["data": trial("the receiver answered 500")]),
                    ])
            ], problems: [.tooManyRequests]),
    ]

    private static let read = SuccessfulAnswer.json(
        "The webhook.", Shapes.data(.named("Webhook"), warnings: true), .eTag,
        examples: [Example("all", "A webhook", ["data": webhook([])])])

    private static let secret = JSON.Member(
        name: "secret", value: "whsec_c2hvd24gb25jZSBhbmQgbmV2ZXIgYWdhaW4sIGhlcmU=")

    private static func trial(_ error: JSON) -> JSON {
        [
            "delivered": (error == .null).json,
            "message_id": "msg_4f8a2b6c3d5e4a7b8c9d0e1f2a3b4c66_test_0d9c8b7a6f5e4d3c2b1a09f8e7d6c5b4",
            "error": error,
        ]
    }

    private static func webhook(_ more: [JSON.Member]) -> JSON {
        .object(
            [
                .init(name: "id", value: .text(Samples.webhookID)), .init(name: "name", value: "inventory"),
                .init(name: "url", value: "https://hooks.example.org/vpn"), .init(name: "events", value: ["change"]),
                .init(name: "objects", value: nil), .init(name: "enabled", value: true),
                .init(name: "status", value: "ok"), .init(name: "pending", value: 0),
                .init(name: "last_error", value: nil), .init(name: "last_delivery_at", value: nil),
                .init(name: "next_attempt_at", value: nil), .init(name: "created_at", value: Samples.time),
                .init(name: "updated_at", value: Samples.time),
            ] + more)
    }
}
