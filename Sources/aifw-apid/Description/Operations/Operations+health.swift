import HTTPTypes
import Wire

extension Operations {
    static let health: [Operation] = [
        Operation(
            method: .get, path: "/healthz", id: "getHealth", topic: .health, summary: "Whether the process answers",
            details: "Open to all.",
            answers: [
                .json(
                    "It does.", .object([.needed("status", .constant("ok"))]), .notStored,
                    examples: [Example("ok", "It answers", ["status": "ok"])])
            ]),
        Operation(
            method: .get, path: "/readyz", id: "getReadiness", topic: .health,
            summary: "Whether helper and database answer too", details: "Open to all.",
            answers: [
                .json(
                    "They do.", .object([.needed("status", .constant("ready"))]), .notStored,
                    examples: [Example("ready", "All is well", ["status": "ready"])])
            ], problems: [.notReady]),
        Operation(
            method: .get, path: "/metrics", id: "getMetrics", topic: .health, summary: "What is measured",
            details: """
                Prometheus' text exposition format 0.0.4. What is said of tunnels, peers and associations was read from the \
                kernel some seconds ago; while it can't be read it is left out, and `aifw_helper_up` is 0.
                """,
            parameters: [
                .query("peers", Shape.flag.standard(false), "Whether the first 1,000 peers have series of their own.")
            ],
            answers: [
                SuccessfulAnswer(
                    status: .ok, details: "In UTF-8.",
                    forms: [.init(type: "text/plain", schema: .text, examples: [])], headers: [.notStored])
            ]),
    ]

    static let description: [Operation] = [
        Operation(
            method: .get, path: DescriptionRoutes.documentPath, id: "getDescription", topic: .description,
            summary: "This document", details: "Open to all.",
            answers: [
                .json(
                    "OpenAPI 3.1.",
                    .object([
                        .needed("openapi", .constant("3.1.0")), .needed("info", .any), .needed("servers", .any),
                        .needed("tags", .any), .needed("paths", .any), .needed("components", .any),
                    ]), .eTag, examples: [])
            ]),
        Operation(
            method: .get, path: DescriptionRoutes.pagePath, id: "getDocumentation", topic: .description,
            summary: "The same to read", details: "One page without any script. Open to all.",
            answers: [page("text/html")]),
        Operation(
            method: .get, path: DescriptionRoutes.stylePath, id: "getDocumentationStyle", topic: .description,
            summary: "How that page looks", details: "Open to all.", answers: [page("text/css")]),
    ]

    private static func page(_ type: String) -> SuccessfulAnswer {
        SuccessfulAnswer(
            status: .ok, details: "In UTF-8.", forms: [.init(type: type, schema: .text, examples: [])],
            headers: [.eTag])
    }
}
