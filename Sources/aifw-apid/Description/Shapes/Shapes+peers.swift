import Wire

/// Peers as they are read and written.
extension Shapes {
    static let peers: [Named] = [
        ("Peer", .object(peer)),
        ("PeerWithConfiguration", .object(peer + [.optional("config", .text, Self.shownOnce)])),
        (
            "PeerCreation",
            .object([.needed("name", .named("Name"))] + peerKeys(isNew: true) + peerMembers + [keepsKey, autoGenerate])
        ),
        (
            "PeerReplacement",
            .object(
                [.needed("name", .named("Name"))] + peerKeys(isNew: false) + peerMembers + [autoGenerate]
                    + peerReadOnly)
        ),
        (
            "PeerPatch",
            .object(
                [.optional("name", .named("Name"))] + peerKeys(isNew: false) + peerMembers + [autoGenerate]
                    + peerReadOnly)
        ),
        ("PeerStatus", .object(peerStatus)),
        (
            "ClientConfigurations",
            .object([
                .needed("full_tunnel", .text, "Routes all traffic through the tunnel."),
                .needed("split_tunnel", .text, "Routes the tunnel's networks only."),
            ])
        ),
    ]

    private static let shownOnce = "The client's configuration, where its private key is not kept: this once."

    private static let peer: [Property] = [
        .needed("id", .named("Id")),
        .needed("tunnel_id", .named("Id")),
        .needed("name", .named("Name")),
        .needed("public_key", .named("WireGuardKey")),
        .needed("has_preshared_key", .flag),
        .needed("has_private_key", .flag, "Whether its configuration can be downloaded."),
        .needed("endpoint", Shape.named("Endpoint").orNull, "Where it is reached if it does not call first."),
        .needed("allowed_ips", .list(of: .named("Prefix"), count: 1...256), "Its addresses, and networks behind it."),
        .needed("client_routes", written("What its split configuration routes, in the place of `split_routes`.")),
        .needed("persistent_keepalive", Shape.whole(1...65535).orNull, "Seconds."),
        .needed("enabled", .flag),
        .needed("expires_at", Shape.named("Time").orNull, "When it leaves the kernel by itself."),
        .needed("created_at", .named("Time")),
        .needed("updated_at", .named("Time")),
    ]

    /// What a new peer may leave to the server, and an old one can't be without.
    private static func peerKeys(isNew: Bool) -> [Property] {
        func own(_ schema: Shape) -> Shape { isNew ? schema.orNull : schema }
        return [
            .optional("public_key", own(key), "Of a client that made its own keys: then nothing is made here."),
            .optional(
                "allowed_ips", own(.any(of: [.constant("auto"), prefixes])),
                "Else, or with `auto`, the next address of the tunnel that is free."),
        ]
    }

    private static let peerMembers: [Property] = [
        .optional(
            "preshared_key", .any(of: [.constant("auto"), key, empty, .null]), "`auto` makes one; null takes it away."),
        .optional("endpoint", .any(of: [.named("Endpoint"), empty, .null]), "With a port; a host name is followed."),
        .optional("client_routes", .any(of: [prefixes, empty, .null]), "Replaces `split_routes` for this peer."),
        .optional("persistent_keepalive", Shape.whole(0...65535).orNull, "Seconds; 0 is off."),
        .optional("keepalive", Shape.whole(0...65535).orNull, "Another spelling of `persistent_keepalive`."),
        .optional("enabled", .flag, "True if nothing is said."),
        .optional("expires_at", Shape.named("Time").orNull, "In the future."),
        .optional("allow_overlap", Shape.flag.orNull, "Lets its allowed IPs overlap those of another peer."),
    ]

    private static let keepsKey = Property.optional(
        "keep_private_key", Shape.flag.orNull,
        "False: the private key is in this answer's `config` only, once; needs `vpn:secrets` too.")

    private static let peerReadOnly: [Property] = [
        .optional("id", .text, Words.readOnly),
        .optional("tunnel_id", .text, Words.readOnly),
        .optional("has_preshared_key", .flag, Words.readOnly),
        .optional("has_private_key", .flag, Words.readOnly),
        .optional("created_at", .text, Words.readOnly),
        .optional("updated_at", .text, Words.readOnly),
    ]

    private static let peerStatus: [Property] = [
        .needed("id", .named("Id")),
        .needed("name", .named("Name")),
        .needed("public_key", .named("WireGuardKey")),
        .needed("endpoint", Shape.named("Endpoint").orNull, "Where it was heard from last."),
        .needed("endpoint_detail", Shape.text.orNull, "Why the host name of its endpoint can't be resolved."),
        .needed("allowed_ips", .text, "With commas between them."),
        .needed(
            "state", .words(["never", "online", "stale", "disabled", "expired"]),
            "`stale`: its last handshake is older than 180 s."),
        .needed("latest_handshake", Shape.named("Time").orNull),
        .needed("latest_handshake_secs_ago", .whole(from: -1), "-1: never."),
        .needed("transfer_rx", .whole(from: 0), "Bytes received from it."),
        .needed("transfer_tx", .whole(from: 0), "Bytes sent to it."),
        .needed("persistent_keepalive", Shape.whole(1...65535).orNull),
    ]
}
