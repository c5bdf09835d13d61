import HTTPTypes
import Wire

extension Operations {
    static let imports: [Operation] = [
        Operation(
            method: .post, path: "/api/v1/vpn/wg/import", id: "importTunnels", topic: .tunnels,
            summary: "Make tunnels out of files of wg-quick",
            details: """
                One file as text, one or up to 1,000 as JSON, as many as a zip: each becomes a tunnel with its peers, keys kept, \
                all of them or none. What is made is down until it is started. `PreUp`, `PostUp`, `PreDown`, `PostDown`, \
                `Table` and `SaveConfig` are dropped with a warning each, and no default route is ever installed. \
                Every fault is told with its line (`config line 12`, `office.conf line 12`), 422, or 409 where all are clashes \
                with what is there.

                A tunnel without a name is called as its file, else as its interface; one whose file is named `wg0.conf` \
                gets that interface if it is free, another one the next that is free. In a zip, each file whose name ends in \
                `.conf` is one, whatever folder it is in. With `dry_run` nothing is changed, and what would be made is \
                answered with ids of zeros.
                """,
            parameters: [
                .query("dry_run", .flag, "True: only says what would be made."),
                .query("name", .named("Name"), "What the tunnel is called; only with `text/plain`."),
                .query("interface", .named("TunnelInterface"), "Its interface; only with `text/plain`."),
            ],
            body: BodyDescription(.named("TunnelImport"), one, two).or(
                .init(
                    type: "text/plain", schema: .text,
                    examples: [Example("site", "A file as it is", .text(text("10.40.0.1/24", site)))]),
                .init(type: "application/zip", schema: .any)),
            answers: [
                .json(
                    "What would be made; nothing was.", imported,
                    examples: [Example("one", "A tunnel and its peer", made(nobody, nobody))]),
                SuccessfulAnswer(
                    status: .created, details: "All are stored.",
                    forms: [
                        .init(
                            type: "application/json", schema: imported,
                            examples: [
                                Example("one", "A tunnel and its peer", made(Samples.tunnelID, Samples.peerID))
                            ])
                    ], headers: [.location]),
            ],
            problems: [.nameInUse, .interfaceInUse, .portInUse, .keyInUse, .overlap, .addressInUse, .conflict]
                + ProblemCode.ofHelper)
    ]

    private static let nobody = "00000000-0000-0000-0000-000000000000"

    private static let imported = Shapes.data(.list(of: .named("ImportedTunnel")), warnings: true)

    // Keys that anybody can read here are nobody's.
    private static let office = "OCNnC2lNsFJvvnFWjUXTNwmEXmIBgBhMSCvXrqxOUnE="
    private static let branch = "IPu5fcHCUzYtBR/3WUvTGIgaM0M1JiAvEKmo8jOVWlg="
    private static let site = "wJjB2xTpwXEqQHhVaM2ySMjQ1wWm4zK3lDW6LVkYX0Q="

    private static func text(_ address: String, _ key: String) -> String {
        """
        [Interface]
        PrivateKey = \(key)
        Address = \(address)

        # laptop
        [Peer]
        PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
        AllowedIPs = \(address.split(separator: ".").dropLast().joined(separator: ".")).2/32

        """
    }

    private static let one = Example(
        "one", "One file", ["name": "office", "config": .text(text("10.41.0.1/24", office))])

    private static let two = Example(
        "two", "Several files",
        ["files": [["file": "branch.conf", "interface": "wg42", "config": .text(text("10.42.0.1/24", branch))]]])

    private static func made(_ tunnel: String, _ peer: String) -> JSON {
        [
            "data": [
                [
                    "tunnel": [
                        "id": .text(tunnel), "name": "office", "interface": "wg0", "public_key": Samples.publicKey,
                        "listen_port": 51820, "address": "10.41.0.1/24", "dns": nil, "mtu": 1420,
                        "listen_interface": nil, "split_routes": nil, "endpoint": nil, "fwmark": nil,
                        "masquerade": false, "routes": true, "enabled": false, "status": "down",
                        "status_detail": nil, "peer_count": 1, "transfer_rx": 0, "transfer_tx": 0,
                        "created_at": Samples.time, "updated_at": Samples.time,
                    ],
                    "peers": [
                        [
                            "id": .text(peer), "tunnel_id": .text(tunnel), "name": "laptop",
                            "public_key": Samples.peerKey, "has_preshared_key": false, "has_private_key": false,
                            "endpoint": nil, "allowed_ips": ["10.41.0.2/32"], "client_routes": nil,
                            "persistent_keepalive": nil, "enabled": true, "expires_at": nil,
                            "created_at": Samples.time, "updated_at": Samples.time,
                        ]
                    ],
                    "file": "office.conf",
                ]
            ],
            "warnings": ["office.conf line 4: PostUp is dropped: no command of a file is ever run here"],
        ]
    }
}
