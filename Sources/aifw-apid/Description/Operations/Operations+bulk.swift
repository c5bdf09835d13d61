import HTTPTypes
import Wire

extension Operations {
    static let bulk: [Operation] = [
        Operation(
            method: .post, path: "/api/v1/vpn/wg/{id}/peers/bulk", id: "createPeers", topic: .peers,
            summary: "Make many peers at once",
            details: """
                Up to 10,000, all of them or none: faults are named by index (`peers[3].name`), 422, or 409 where all are \
                clashes. With `Accept: application/zip` the answer holds their configurations, and `vpn:secrets` is needed too, \
                as it is where a private key is not kept.
                """,
            parameters: [
                .query("family", .words(["4", "6"]), "Takes the next addresses of this family only.")
            ],
            body: BodyDescription(
                .object([.needed("peers", .list(of: .named("PeerCreation"), count: 1...10_000))]),
                Example(
                    "two", "Names are enough", ["peers": [["name": "laptop-1"], ["name": "laptop-2"]]])),
            answers: [
                SuccessfulAnswer(
                    status: .created, details: "All are stored, and in the kernel if the tunnel is up.",
                    forms: [
                        .init(
                            type: "application/json",
                            schema: .object([
                                .needed("data", .list(of: .named("PeerWithConfiguration"))),
                                .optional("warnings", .named("Warnings")),
                            ]), examples: [Example("one", "One peer", ["data": [peer]])]),
                        .init(type: "application/zip", schema: .any, examples: []),
                    ], headers: [.location])
            ],
            problems: [
                .nameInUse, .keyInUse, .addressInUse, .overlap, .poolExhausted, .conflict, .noEndpoint, .keyNotKept,
                .interfaceInUse, .notAcceptable,
            ] + ProblemCode.ofReveal)
    ]

    static let summary: [Operation] = [
        Operation(
            method: .get, path: "/api/v1/vpn/summary", id: "getSummary", topic: .tunnels,
            summary: "How many of everything there are",
            details: """
                And in which state, by what the kernel says now; and what an administrator should look at: errors, rules that \
                the packet filter lacks, peers that expire within 7 days, and tunnels that run although nobody who has ever \
                reached them does now.
                """,
            answers: [
                .json(
                    "The counts.", Shapes.data(.named("Summary")),
                    examples: [
                        Example(
                            "one-tunnel", "One tunnel with two peers, one of which expires soon",
                            [
                                "data": [
                                    "tunnels": ["total": 1, "up": 1, "down": 0, "error": 0],
                                    "peers": [
                                        "total": 2, "online": 1, "stale": 0, "never": 1, "disabled": 0, "expired": 0,
                                    ],
                                    "associations": ["total": 0, "up": 0, "down": 0, "error": 0],
                                    "rules": ["total": 2],
                                    "revision": 7,
                                    "attention": [
                                        [
                                            "kind": "peer-expiring",
                                            "object": [
                                                "type": "peer", "id": .text(Samples.peerID), "name": "laptop",
                                                "tunnel_id": .text(Samples.tunnelID),
                                            ],
                                            "detail": "it can't connect any more from 2026-01-31T18:00:00Z on",
                                            "at": Samples.time,
                                        ]
                                    ],
                                    "attention_total": 1,
                                ]
                            ])
                    ])
            ], problems: ProblemCode.ofHelper)
    ]
}
