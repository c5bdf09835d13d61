import HTTPTypes
import Wire

extension Operations {
    static let rules: [Operation] = [
        Operation(
            method: .get, path: "/api/v1/vpn/rules", id: "listRules", topic: .rules,
            summary: "What the packet filter lets through",
            details: """
                The rules of the anchor `aifw-vpn`, each with the object that it is for and whether it is loaded. As text they \
                are what pf and nftables take: `nft -c -f -` reads the latter.
                """,
            parameters: list + [
                .query(
                    "format", Shape.words(["json", "pf", "nft"]).standard("json"),
                    "Typed, or as text; a text is one piece and not cut.")
            ],
            answers: [
                SuccessfulAnswer(
                    status: .ok, details: "The rules.",
                    forms: [
                        .init(type: "application/json", schema: .named("Rules"), examples: [office]),
                        .init(type: "text/plain", schema: .text, examples: []),
                    ])
            ], problems: ProblemCode.ofHelper)
    ]

    private static let office = Example(
        "one-tunnel", "What one tunnel asks for",
        [
            "data": [
                ["kind": "listen-port", "object": object, "loaded": true, "port": 51820],
                ["kind": "tunnel-traffic", "object": object, "loaded": true, "interface": "wg0"],
            ],
            "total": 2,
            "filter": "nftables",
        ])

    private static let object: JSON = [
        "type": "tunnel", "id": .text(Samples.tunnelID), "name": "office-vpn",
    ]
}
