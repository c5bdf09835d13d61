import HTTPTypes
import Wire

extension Operations {
    private static let path = "/api/v1/vpn/wg"
    private static let one = "/api/v1/vpn/wg/{id}"

    /// What a tunnel may clash with.
    private static let clashes: [ProblemCode] = [
        .nameInUse, .interfaceInUse, .portInUse, .addressInUse, .keyInUse, .overlap,
    ]
    private static let change = clashes + [.conflict, .preconditionFailed] + ProblemCode.ofHelper

    static let tunnels: [Operation] = [
        Operation(
            method: .get, path: path, id: "listTunnels", topic: .tunnels, summary: "List tunnels",
            details: "`status` is what the kernel says now.", parameters: list,
            answers: [
                .json(
                    "A page of them.", Shapes.page(of: "Tunnel"),
                    examples: [Example("one", "One tunnel", ["data": [tunnel], "total": 1])])
            ], problems: ProblemCode.ofHelper),
        Operation(
            method: .post, path: path, id: "createTunnel", topic: .tunnels, summary: "Make a tunnel",
            details: """
                What is left out is chosen: the next free interface, the next free port from 51820, a key pair that only the \
                helper can open. A new tunnel is down until it is started, unless `enabled` is true.
                """,
            body: BodyDescription(.named("TunnelCreation"), officeVPN, branch),
            answers: [
                .created(
                    "It is stored, and up if that was asked for.",
                    Shapes.data(.named("Tunnel"), warnings: true), .eTag, .location,
                    examples: [Example("office-vpn", "The manual's tunnel", ["data": tunnel])],
                    leadsTo: [
                        .id("getTunnel"), .id("replaceTunnel"), .id("changeTunnel"), .id("startTunnel"),
                        .id("getTunnelStatus"), .id("stopTunnel"), .id("createPeer"), .id("listPeers"),
                        .id("getNextAddress"), .id("deleteTunnel"),
                    ])
            ], problems: clashes + ProblemCode.ofHelper),
        Operation(
            method: .get, path: one, id: "getTunnel", topic: .tunnels, summary: "Read a tunnel",
            details: "Its ETag is its own: peers and counters do not move it.", answers: [read(warnings: false)],
            problems: ProblemCode.ofHelper),
        Operation(
            method: .put, path: one, id: "replaceTunnel", topic: .tunnels, summary: "Change a tunnel as a whole",
            details: """
                What is left out is kept, but `name` and `address` are needed. Applied live: a changed port, address, MTU or \
                key takes effect without the interface being made anew. The interface's name can be changed only while the \
                tunnel is stopped.
                """, body: BodyDescription(.named("TunnelReplacement"), officeVPN), answers: [read(warnings: true)],
            problems: change),
        Operation(
            method: .patch, path: one, id: "changeTunnel", topic: .tunnels, summary: "Change a part of a tunnel",
            details: "A merge patch (RFC 7396), applied live. A new address that leaves peers outside is a warning.",
            body: BodyDescription(.named("TunnelPatch"), Example("mtu", "A smaller MTU", ["mtu": 1380])),
            answers: [read(warnings: true)], problems: change),
        Operation(
            method: .delete, path: one, id: "deleteTunnel", topic: .tunnels, summary: "Delete a tunnel",
            details: "With its peers. It is out of the kernel and the packet filter when this answers.",
            answers: [.message("Tunnel deleted")],
            problems: [.preconditionFailed, .interfaceInUse] + ProblemCode.ofHelper),
        Operation(
            method: .post, path: one + "/start", id: "startTunnel", topic: .tunnels, summary: "Start a tunnel",
            details: "Answers when the kernel and the packet filter have it. What is started already stays as it is.",
            answers: [.message("Tunnel started", .eTag)], problems: [.interfaceInUse] + ProblemCode.ofHelper),
        Operation(
            method: .post, path: one + "/stop", id: "stopTunnel", topic: .tunnels, summary: "Stop a tunnel",
            details: "Its port is closed and its interface gone when this answers.",
            answers: [.message("Tunnel stopped", .eTag)], problems: [.interfaceInUse] + ProblemCode.ofHelper),
        Operation(
            method: .get, path: one + "/status", id: "getTunnelStatus", topic: .tunnels,
            summary: "What the kernel says of a tunnel", details: "Of all its peers, with handshakes and bytes.",
            answers: [
                .json(
                    "As it is now.", .named("TunnelStatus"),
                    examples: [
                        Example(
                            "down", "It is not up", ["running": false, "interface": "wg0", "peers": []]),
                        Example("up", "It is up, and the client was heard from", running),
                    ])
            ], problems: ProblemCode.ofHelper),
    ]

    private static func read(warnings: Bool) -> SuccessfulAnswer {
        .json(
            "The tunnel.", Shapes.data(.named("Tunnel"), warnings: warnings), .eTag,
            examples: [Example("office-vpn", "The manual's tunnel", ["data": tunnel])])
    }

    private static let officeVPN = Example(
        "office-vpn", "As the manual has it",
        [
            "name": "office-vpn", "interface": "wg0", "listen_port": 51820, "address": "10.0.0.1/24",
            "dns": "10.0.0.1", "mtu": 1420,
        ])

    private static let branch = Example(
        "branch", "A name and an address are enough",
        ["name": "branch", "address": "10.20.0.1/24", "split_routes": "10.20.0.0/24, 172.29.0.0/16"])

    private static let tunnel: JSON = [
        "id": .text(Samples.tunnelID),
        "name": "office-vpn",
        "interface": "wg0",
        "public_key": Samples.publicKey,
        "listen_port": 51820,
        "address": "10.0.0.1/24",
        "dns": "10.0.0.1",
        "mtu": 1420,
        "listen_interface": nil,
        "split_routes": nil,
        "endpoint": nil,
        "fwmark": nil,
        "masquerade": false,
        "routes": true,
        "enabled": false,
        "status": "down",
        "status_detail": nil,
        "peer_count": 0,
        "transfer_rx": 0,
        "transfer_tx": 0,
        "created_at": Samples.time,
        "updated_at": Samples.time,
    ]

    private static let running: JSON = [
        "running": true,
        "interface": "wg0",
        "listen_port": 51820,
        "public_key": Samples.publicKey,
        "peer_count": 1,
        "peers": [
            [
                "id": .text(Samples.peerID), "name": "laptop", "public_key": Samples.peerKey,
                "endpoint": "192.0.2.2:40112", "endpoint_detail": nil, "allowed_ips": "10.0.0.2/32", "state": "online",
                "latest_handshake": Samples.time, "latest_handshake_secs_ago": 12, "transfer_rx": 3288,
                "transfer_tx": 4120, "persistent_keepalive": 25,
            ]
        ],
    ]
}
