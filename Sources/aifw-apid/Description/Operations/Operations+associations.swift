import HTTPTypes
import Wire

extension Operations {
    private static let path = "/api/v1/vpn/ipsec"
    private static let one = "/api/v1/vpn/ipsec/{id}"

    /// What an association may clash with.
    private static let clashes: [ProblemCode] = [
        .nameInUse, .addressInUse, .spiInUse, .overlap, .interfaceInUse, .keyInUse, .conflict,
    ]
    private static let change = clashes + [.preconditionFailed] + ProblemCode.ofHelper

    static let associations: [Operation] = [
        Operation(
            method: .get, path: path, id: "listAssociations", topic: .associations, summary: "List associations",
            details: "`status` and `installed` are what the kernel says now.", parameters: list,
            answers: [
                .json(
                    "A page of them.", Shapes.page(of: "Association"),
                    examples: [Example("one", "One association", ["data": [association], "total": 1])])
            ], problems: ProblemCode.ofHelper),
        Operation(
            method: .post, path: path, id: "createAssociation", topic: .associations, summary: "Make an association",
            details: """
                Two security associations, in and out, each with its SPI and keys, which are drawn by lot where none are \
                given, and the policies for its networks. It goes to the kernel at once unless `enabled` is false: a kernel \
                without ESP or AH is 502. The far end gets its part by `config`.
                """, body: BodyDescription(.named("AssociationCreation"), disabled, office),
            answers: [
                .created(
                    "It is stored, and in the kernel if it is enabled.",
                    Shapes.data(.named("Association"), warnings: true), .eTag, .location,
                    examples: [Example("office-to-dc", "The manual's association", ["data": association])],
                    leadsTo: [
                        .id("getAssociation"), .id("replaceAssociation"), .id("changeAssociation"),
                        .id("startAssociation"), .id("getAssociationStatus"), .id("getFarEnd"), .id("stopAssociation"),
                        .id("deleteAssociation"),
                    ])
            ], problems: clashes + ProblemCode.ofHelper),
        Operation(
            method: .get, path: one, id: "getAssociation", topic: .associations, summary: "Read an association",
            details: "No key is in it.", answers: [read(warnings: false)], problems: ProblemCode.ofHelper),
        Operation(
            method: .put, path: one, id: "replaceAssociation", topic: .associations,
            summary: "Change an association as a whole",
            details:
                "What is left out is kept, but `name` and both ends are needed. Warnings say what the far end needs.",
            body: BodyDescription(.named("AssociationReplacement"), disabled), answers: [read(warnings: true)],
            problems: change),
        Operation(
            method: .patch, path: one, id: "changeAssociation", topic: .associations,
            summary: "Change a part of an association",
            details: "A merge patch (RFC 7396). Null for an SPI or a key has a new one drawn.",
            body: BodyDescription(
                .named("AssociationPatch"), Example("window", "A replay window", ["replay_window": 32])),
            answers: [read(warnings: true)], problems: change),
        Operation(
            method: .delete, path: one, id: "deleteAssociation", topic: .associations, summary: "Delete an association",
            details: "The kernel has let go of it when this answers.", answers: [.message("Association deleted")],
            problems: [.preconditionFailed, .spiInUse, .overlap, .interfaceInUse] + ProblemCode.ofHelper),
        Operation(
            method: .post, path: one + "/start", id: "startAssociation", topic: .associations,
            summary: "Start an association", details: "Answers when the kernel and the packet filter have it.",
            answers: [.message("Association started", .eTag)],
            problems: [.spiInUse, .overlap, .interfaceInUse] + ProblemCode.ofHelper),
        Operation(
            method: .post, path: one + "/stop", id: "stopAssociation", topic: .associations,
            summary: "Stop an association", details: "It stays stored, with its keys.",
            answers: [.message("Association stopped", .eTag)],
            problems: [.spiInUse, .overlap, .interfaceInUse] + ProblemCode.ofHelper),
        Operation(
            method: .get, path: one + "/status", id: "getAssociationStatus", topic: .associations,
            summary: "What the kernel says of an association's traffic", details: "For each way.",
            answers: [
                .json(
                    "As it is now.", .named("AssociationStatus"),
                    examples: [
                        Example("down", "It is not in the kernel", ["running": false]),
                        Example("up", "It carries traffic", ["running": true, "in": way, "out": way]),
                    ])
            ], problems: ProblemCode.ofHelper),
        Operation(
            method: .get, path: one + "/config", id: "getFarEnd", topic: .associations,
            summary: "What the far end needs",
            details: """
                With the keys in it: a script for `ip xfrm`, a file for setkey(8), or the body of a POST to another AiFw. \
                Every reveal is in the audit log.
                """,
            parameters: [
                .query("format", Shape.words(["xfrm", "setkey", "json"]).standard("xfrm"), "The form.")
            ],
            answers: [
                SuccessfulAnswer(
                    status: .ok, details: "The far end's configuration.",
                    forms: [
                        .init(
                            type: "text/plain", schema: .text,
                            examples: [Example("script", "The first lines", "#!/bin/sh\nset -eu\n")]),
                        .init(type: "application/json", schema: .named("FarEnd"), examples: []),
                    ], headers: [.notStored])
            ], problems: ProblemCode.ofReveal),
    ]

    private static func read(warnings: Bool) -> SuccessfulAnswer {
        .json(
            "The association.", Shapes.data(.named("Association"), warnings: warnings), .eTag,
            examples: [Example("office-to-dc", "The manual's association", ["data": association])])
    }

    private static let disabled = Example(
        "kept-for-later", "Stored, and not in the kernel yet",
        ["name": "branch-to-dc", "src_addr": "203.0.113.1", "dst_addr": "198.51.100.2", "enabled": false])

    private static let office = Example(
        "office-to-dc", "As the manual has it",
        [
            "name": "office-to-dc", "src_addr": "203.0.113.1", "dst_addr": "198.51.100.1", "protocol": "esp",
            "mode": "tunnel",
        ])

    private static let association: JSON = [
        "id": .text(Samples.associationID),
        "name": "office-to-dc",
        "src_addr": "203.0.113.1",
        "dst_addr": "198.51.100.1",
        "protocol": "esp",
        "mode": "tunnel",
        "enc_algo": "aes-256-gcm",
        "auth_algo": "hmac-sha256",
        "src_networks": ["203.0.113.1/32"],
        "dst_networks": ["198.51.100.1/32"],
        "spi": 3_405_691_582,
        "spi_in": 3_405_691_582,
        "spi_out": 2_882_400_001,
        "replay_window": 0,
        "enabled": true,
        "status": "up",
        "status_detail": nil,
        "installed": true,
        "created_at": Samples.time,
        "updated_at": Samples.time,
    ]

    private static let way: JSON = [
        "spi": 3_405_691_582, "bytes": 8400, "packets": 100, "failures": 0, "outside_window": 0, "repeated": 0,
        "unauthentic": 0, "added_at": Samples.time, "used_at": nil,
    ]
}
