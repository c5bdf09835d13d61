import Wire

/// The pass rules of the anchor.
extension Shapes {
    static let rules: [Named] = [
        (
            "Rule",
            Shape.any(
                of: PassRule.Kind.allCases.map { kind in
                    .object([.needed("kind", .constant(kind.json))] + ruleHead + members(of: kind))
                }
            ).described("One of the few shapes of a pass rule, and whether the packet filter has it.")
        ),
        (
            "Rules",
            .object([
                .needed("data", .list(of: .named("Rule"))),
                .optional("next_cursor", .text, "Where the next page begins; left out on the last one."),
                .needed("total", .whole(from: 0)),
                .needed("filter", .words(FilterBackend.self), "What filters packets on this host."),
                .optional("warnings", .named("Warnings")),
            ])
        ),
    ]

    /// How many there are of everything, and what of it needs attention.
    static let summary: [Named] = [
        (
            "Attention",
            Shape.object([
                .needed("kind", .words(Attention.Kind.self)),
                .needed(
                    "object",
                    .object([
                        .needed("type", .words(["tunnel", "peer", "association"])), .needed("id", .named("Id")),
                        .needed("name", .named("Name")),
                        .optional("tunnel_id", .named("Id"), "Of a peer, and only there: its tunnel."),
                    ])),
                .needed("detail", .text, "What is the matter, in words."),
                .needed(
                    "at", Shape.named("Time").orNull,
                    "When the peer expires, or when the tunnel's latest handshake was; else null."),
            ]).described("Something that an administrator should look at.")
        ),
        (
            "Summary",
            .object([
                .needed("tunnels", counts(["up", "down", "error"])),
                .needed("peers", counts(["online", "stale", "never", "disabled", "expired"])),
                .needed("associations", counts(["up", "down", "error"])),
                .needed("rules", counts([])),
                .needed("revision", .whole(from: 0), "Of the last change."),
                .needed(
                    "attention", .list(of: .named("Attention"), count: 0...Int64(Attention.limit)),
                    "The worst first, in the order of the kinds."),
                .needed("attention_total", .whole(from: 0), "How many there are, with those that are not listed."),
            ])
        ),
    ]

    private static func counts(_ words: [String]) -> Shape {
        .object((["total"] + words).map { .needed($0, .whole(from: 0)) })
    }

    private static let ruleHead: [Property] = [
        .needed(
            "object",
            .object([
                .needed("type", .words(["tunnel", "association"])), .needed("id", .named("Id")),
                .needed("name", .named("Name")),
            ]), "What the rule is for."),
        .needed("loaded", .flag, "Whether the packet filter has it."),
    ]

    private static let ends: [Property] = [
        .needed("local", .named("Address")), .needed("remote", .named("Address")),
    ]

    private static func members(of kind: PassRule.Kind) -> [Property] {
        switch kind {
        case .listenPort:
            [
                .needed("port", .named("Port"), "UDP to the tunnel."),
                .optional("interface", .text, "Coming in on this interface only."),
            ]
        case .tunnelTraffic: [.needed("interface", .named("TunnelInterface"), "All traffic on it, either way.")]
        case .protectedPackets: [.needed("protocol", .words(IPsecProtocol.self))] + ends
        case .keyExchange: ends
        case .innerTraffic: [.needed("local", .named("Prefix")), .needed("remote", .named("Prefix"))]
        case .masquerade:
            [
                .needed("network", .named("Prefix"), "What comes from it and leaves the host by no tunnel."),
                .needed("interface", .named("TunnelInterface")),
            ]
        }
    }
}
