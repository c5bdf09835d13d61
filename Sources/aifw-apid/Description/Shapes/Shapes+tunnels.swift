import Wire

/// Tunnels as they are read and written.
extension Shapes {
    static let tunnels: [Named] = [
        ("Tunnel", .object(tunnel)),
        ("TunnelCreation", .object(tunnelIdentity(isNew: true) + tunnelMembers + [autoGenerate])),
        ("TunnelReplacement", .object(tunnelIdentity(isNew: false) + tunnelMembers + [autoGenerate] + tunnelReadOnly)),
        (
            "TunnelPatch",
            .object(tunnelIdentity(isNew: false).partial + tunnelMembers + [autoGenerate] + tunnelReadOnly)
        ),
        ("TunnelStatus", .any(of: [runningTunnel, stoppedTunnel])),
    ]

    static let autoGenerate = Property.optional("auto_generate_key", .any, Words.ignored)

    private static let tunnel: [Property] = [
        .needed("id", .named("Id")),
        .needed("name", .named("Name")),
        .needed("interface", .named("TunnelInterface")),
        .needed("public_key", .named("WireGuardKey")),
        .needed("listen_port", .named("Port"), "The UDP port that it listens on."),
        .needed("address", .named("InterfaceAddresses")),
        .needed("dns", written("Servers and search domains that its clients are given.")),
        .needed("mtu", .whole(576...65535)),
        .needed("listen_interface", Shape.text.orNull, "The interface that its port is open on; null for all."),
        .needed("split_routes", written("The networks that a split configuration routes; null for its own.")),
        .needed("endpoint", Shape.named("Endpoint").orNull, "Where its clients reach it."),
        .needed("fwmark", Shape.whole(1...4_294_967_295).orNull, "The mark on its encrypted packets."),
        .needed("masquerade", .flag, "Whether what its clients send elsewhere gets this host's address."),
        .needed("routes", .flag, "Whether allowed IPs outside its own networks are routed to it."),
        .needed("enabled", .flag, "Whether it is wanted up."),
        .needed("status", .named("State")),
        .needed("status_detail", Shape.text.orNull, "Why it is not as it is wanted."),
        .needed("peer_count", .whole(from: 0)),
        .needed(
            "transfer_rx", .whole(from: 0), "Bytes that came from its peers since it was made; some seconds old."),
        .needed("transfer_tx", .whole(from: 0), "Bytes that were sent to its peers, the same."),
        .needed("created_at", .named("Time")),
        .needed("updated_at", .named("Time")),
    ]

    /// What POST and PUT need, and what a new one may leave to the server but an old one can't be without.
    private static func tunnelIdentity(isNew: Bool) -> [Property] {
        func own(_ schema: Shape) -> Shape { isNew ? schema.orNull : schema }
        return [
            .needed("name", .named("Name")),
            .needed("address", commaList(.text, "0-9A-Fa-f.:/", atMost: 16), "See `InterfaceAddresses`."),
            .optional("interface", own(.named("TunnelInterface")), "Else the next that is free."),
            .optional("listen_port", own(.named("Port")), "Else the next from 51820 that is free."),
            .optional("private_key", own(key), "Else one is made that only the helper can open."),
        ]
    }

    private static let tunnelMembers: [Property] = [
        .optional(
            "dns", .any(of: [commaList(.text, "0-9A-Za-z.:-", atMost: 16), empty, .null]),
            "Addresses of servers, and search domains."),
        .optional("mtu", Shape.whole(576...65535).orNull, "1420 if nothing is said; at least 1280 with IPv6."),
        .optional(
            "listen_interface",
            .any(of: [.text.length(1...15).pattern("^[A-Za-z0-9._@-]+$"), empty, .null]),
            "Opens the port on this interface only."),
        .optional(
            "split_routes", .any(of: [prefixes, empty, .null]),
            "What a client's split configuration routes through the tunnel."),
        .optional(
            "endpoint", .any(of: [.named("Endpoint"), empty, .null]),
            "Where clients reach this tunnel; without a port its own is meant."),
        .optional(
            "fwmark",
            .any(of: [
                number(0...4_294_967_295, decimal: "[0-9]{1,9}|\(tenDigits)", hexadecimal: "[0-9A-Fa-f]{1,8}"), .null,
            ]), "0 is none."),
        .optional("masquerade", Shape.flag.orNull, "Gives what its clients send elsewhere this host's address."),
        .optional("routes", Shape.flag.orNull, "True if nothing is said. A default route is never installed."),
        .optional("enabled", .flag, "Starts and stops it. A new one is down unless this is true."),
        .optional("allow_overlap", Shape.flag.orNull, "Lets its networks overlap those of another tunnel."),
    ]

    private static let tunnelReadOnly: [Property] = [
        .optional("id", .text, Words.readOnly),
        .optional("public_key", .text, Words.readOnly),
        .optional("created_at", .text, Words.readOnly),
        .optional("updated_at", .text, Words.readOnly),
        .optional("status", Shape.named("State").orNull, "What the kernel says; taken and ignored."),
        .optional("status_detail", .any, Words.ignored),
        .optional("peer_count", .any, Words.ignored),
        .optional("transfer_rx", .any, Words.ignored),
        .optional("transfer_tx", .any, Words.ignored),
    ]

    private static let runningTunnel = Shape.object([
        .needed("running", .constant(true)),
        .needed("interface", .named("TunnelInterface")),
        .needed("listen_port", Shape.named("Port").orNull),
        .needed("public_key", Shape.named("WireGuardKey").orNull),
        .needed("peer_count", .whole(from: 0)),
        .needed("peers", .list(of: .named("PeerStatus"))),
    ])

    private static let stoppedTunnel = Shape.object([
        .needed("running", .constant(false)),
        .needed("interface", .named("TunnelInterface")),
        .needed("peers", .list(of: .named("PeerStatus"), count: 0...0)),
    ])
}
