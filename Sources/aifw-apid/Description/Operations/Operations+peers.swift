import HTTPTypes
import Wire

extension Operations {
    private static let path = "/api/v1/vpn/wg/{id}/peers"
    private static let one = "/api/v1/vpn/wg/{id}/peers/{peer}"

    /// What a peer may clash with.
    private static let clashes: [ProblemCode] = [.nameInUse, .keyInUse, .addressInUse, .overlap, .poolExhausted]
    private static let change = clashes + [.conflict, .preconditionFailed, .interfaceInUse] + ProblemCode.ofHelper

    private static let family = Parameter.query(
        "family", .words(["4", "6"]), "An address of this family only; else of the first that the tunnel has.")

    static let peers: [Operation] = [
        Operation(
            method: .get, path: path, id: "listPeers", topic: .peers, summary: "List the peers of a tunnel",
            details: "`q` is part of the name, or what the key or an allowed IP begins with.", parameters: list,
            answers: [
                .json(
                    "A page of them.", Shapes.page(of: "Peer"),
                    examples: [Example("one", "One peer", ["data": [peer], "total": 1])])
            ]),
        Operation(
            method: .post, path: path, id: "createPeer", topic: .peers, summary: "Make a peer",
            details: """
                A name is enough: it gets a key pair and the next free address, of a tunnel with both families one of each. \
                With `public_key` nothing is made here. Where the tunnel is up, so is the peer when this answers.
                """,
            parameters: [
                .query("family", .words(["4", "6"]), "Takes the next address of this family only.")
            ],
            body: BodyDescription(
                .named("PeerCreation"),
                Example(
                    "laptop", "As the manual has it",
                    ["name": "laptop", "allowed_ips": ["10.0.0.2/32"], "persistent_keepalive": 25]),
                Example("phone", "A name is enough", ["name": "phone"])),
            answers: [
                .created(
                    "It is stored, and in the kernel if the tunnel is up.",
                    Shapes.data(.named("PeerWithConfiguration"), warnings: true), .eTag, .location,
                    examples: [Example("laptop", "The manual's peer", ["data": peer])],
                    leadsTo: ["getPeer", "replacePeer", "changePeer", "rotatePeer", "getConfiguration", "deletePeer"]
                        .map { operation in
                            .init(
                                operation: operation,
                                parameters: [("id", "$request.path.id"), ("peer", "$response.body#/data/id")])
                        })
            ], problems: clashes + [.noEndpoint, .interfaceInUse] + ProblemCode.ofReveal),
        Operation(
            method: .get, path: path + "/next-ip", id: "getNextAddress", topic: .peers,
            summary: "The address that the next peer would get",
            details: "Never the network's, the broadcast or the tunnel's own. Nothing is held for the caller.",
            parameters: [family],
            answers: [
                .json(
                    "It is free now.", .object([.needed("next_ip", .named("Prefix"))]),
                    examples: [Example("first", "The first of a tunnel", ["next_ip": "10.0.0.2/32"])])
            ], problems: [.poolExhausted]),
        Operation(
            method: .get, path: one, id: "getPeer", topic: .peers, summary: "Read a peer",
            details: "No key but the public one is in it.", answers: [read(warnings: false)]),
        Operation(
            method: .put, path: one, id: "replacePeer", topic: .peers, summary: "Change a peer as a whole",
            details: "What is left out is kept, but `name` is needed. Applied live.",
            body: BodyDescription(
                .named("PeerReplacement"),
                Example("laptop", "Another keepalive", ["name": "laptop", "persistent_keepalive": 30])),
            answers: [read(warnings: true)], problems: change),
        Operation(
            method: .patch, path: one, id: "changePeer", topic: .peers, summary: "Change a part of a peer",
            details: """
                A merge patch (RFC 7396), applied live. Another `public_key` takes the private key that is kept with it. A \
                peer that has expired is enabled again only with a new `expires_at`.
                """,
            body: BodyDescription(.named("PeerPatch"), Example("off", "Turned off for now", ["enabled": false])),
            answers: [read(warnings: true)], problems: change),
        Operation(
            method: .delete, path: one, id: "deletePeer", topic: .peers, summary: "Delete a peer",
            details: "The kernel has dropped it when this answers.", answers: [.message("Peer deleted")],
            problems: [.preconditionFailed, .interfaceInUse] + ProblemCode.ofHelper),
        Operation(
            method: .post, path: one + "/rotate", id: "rotatePeer", topic: .peers, summary: "Make a peer's keys anew",
            details: """
                The old ones are dead when this answers; a pre-shared key, where there is one, is new too. Where the private \
                key is not kept, the configuration is in this answer, once, and `vpn:secrets` is needed. A key that was given \
                can't be made anew here: set `public_key`.
                """,
            answers: [
                .json(
                    "The peer.", Shapes.data(.named("PeerWithConfiguration")), .eTag,
                    examples: [Example("laptop", "With its new public key", ["data": peer])])
            ], problems: change + [.keyNotKept, .noEndpoint, .tooManyRequests]),
    ]

    private static func read(warnings: Bool) -> SuccessfulAnswer {
        .json(
            "The peer.", Shapes.data(.named("Peer"), warnings: warnings), .eTag,
            examples: [Example("laptop", "The manual's peer", ["data": peer])])
    }

    static let peer: JSON = [
        "id": .text(Samples.peerID),
        "tunnel_id": .text(Samples.tunnelID),
        "name": "laptop",
        "public_key": Samples.peerKey,
        "has_preshared_key": false,
        "has_private_key": true,
        "endpoint": nil,
        "allowed_ips": ["10.0.0.2/32"],
        "client_routes": nil,
        "persistent_keepalive": 25,
        "enabled": true,
        "expires_at": nil,
        "created_at": Samples.time,
        "updated_at": Samples.time,
    ]
}
