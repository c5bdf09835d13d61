import Wire

/// Files that become tunnels, and what was made of them.
extension Shapes {
    static let imports: [Named] = [
        (
            "TunnelImport",
            .object(
                file.partial + [
                    .optional(
                        "files", .list(of: .object(file), count: 1...1000),
                        "Several files, each with members of its own; then nothing stands beside it.")
                ]
            ).needing([["config", "files"]])
        ),
        (
            "ImportedTunnel",
            .object([
                .needed("tunnel", .named("Tunnel")),
                .needed("peers", .list(of: .named("Peer")), "In the order of the file."),
                .needed("file", Shape.text.orNull, "The file that it was made of, if that has a name."),
            ])
        ),
    ]

    private static let file: [Property] = [
        .needed("config", .text, "The text of a file of wg-quick, with its keys; at most 4 MiB."),
        .optional(
            "file", Shape.text.length(1...255).pattern(#"^[^/\\]+$"#).orNull,
            "What the file is called: in what is said of its lines, and for the tunnel if it has no other name."),
        .optional("name", Shape.named("Name").orNull, "What the tunnel is called."),
        .optional("interface", Shape.named("TunnelInterface").orNull, "Else the next that is free."),
    ]
}
