import HTTPTypes
import Wire

extension Operations {
    static let tokens: [Operation] = [
        Operation(
            method: .get, path: "/api/v1/tokens", id: "listTokens", topic: .access, summary: "List tokens",
            details: "Without the tokens themselves, which are shown once. `q` is part of the name.", parameters: list,
            answers: [
                .json(
                    "A page of them.", Shapes.page(of: "Token"), .notStored,
                    examples: [Example("one", "One token", ["data": [token([])], "total": 1])])
            ]),
        Operation(
            method: .post, path: "/api/v1/tokens", id: "createToken", topic: .access, summary: "Make a token",
            details: """
                The token itself is in this answer only; a hash of it is stored. `scopes` must be said: nobody makes a token \
                for everything by leaving a word out.
                """,
            body: BodyDescription(
                .named("TokenCreation"),
                Example("monitoring", "A token that can only read", ["name": "monitoring", "scopes": ["vpn:read"]])),
            answers: [
                .created(
                    "It is made.", Shapes.data(.named("NewToken")), .eTag, .location, .notStored,
                    examples: [
                        Example(
                            "monitoring", "The token, this once",
                            [
                                "data": token([
                                    .init(name: "token", value: "aifw_c2hvd24gb25jZSBhbmQgbmV2ZXIgYWdhaW4gaGVyZS4")
                                ])
                            ])
                    ], leadsTo: [.id("deleteToken")])
            ], problems: [.nameInUse]),
        Operation(
            method: .delete, path: "/api/v1/tokens/{id}", id: "deleteToken", topic: .access, summary: "Delete a token",
            details: "Its holder is refused from then on.", answers: [.message("Token deleted")],
            problems: [.preconditionFailed]),
    ]

    private static func token(_ more: [JSON.Member]) -> JSON {
        .object(
            [
                .init(name: "id", value: .text(Samples.tokenID)), .init(name: "name", value: "monitoring"),
                .init(name: "scopes", value: ["vpn:read"]), .init(name: "created_at", value: Samples.time),
                .init(name: "expires_at", value: nil),
            ] + more)
    }
}
