import HTTPTypes
import Wire

extension Operations {
    private static let split = Parameter.query(
        "split_tunnel", Shape.flag.standard(false),
        "True: only the tunnel's networks, `split_routes` or the peer's `client_routes` go through it.")

    private static let problems: [ProblemCode] = [.keyNotKept, .noEndpoint] + ProblemCode.ofReveal

    static let configurations: [Operation] = [
        Operation(
            method: .get, path: "/api/v1/vpn/wg/{id}/peers/{peer}/config", id: "getConfiguration", topic: .peers,
            summary: "A client's configuration",
            details: """
                What its owner imports, with the private key in it. `Accept` chooses the form: text to save, both kinds as \
                JSON, or a QR code. Every reveal is in the audit log.
                """, parameters: [split],
            answers: [
                SuccessfulAnswer(
                    status: .ok, details: "The configuration.",
                    forms: [
                        .init(type: "text/plain", schema: .text, examples: [file]),
                        .init(
                            type: "application/json", schema: .named("ClientConfigurations"),
                            examples: [
                                Example(
                                    "both", "Both kinds",
                                    ["full_tunnel": .text(text("0.0.0.0/0")), "split_tunnel": .text(text("10.0.0.0/24"))]
                                )
                            ]),
                        .init(type: "image/svg+xml", schema: .text, examples: []),
                    ], headers: [.notStored])
            ], problems: problems + [.notAcceptable, .configurationTooLarge]),
        Operation(
            method: .get, path: "/api/v1/vpn/wg/{id}/peers/{peer}/config/qr", id: "getConfigurationCode",
            topic: .peers, summary: "The same as a QR code", details: "For the camera of a phone.", parameters: [split],
            answers: [
                SuccessfulAnswer(
                    status: .ok, details: "A picture.",
                    forms: [.init(type: "image/svg+xml", schema: .text, examples: [])], headers: [.notStored])
            ], problems: problems + [.configurationTooLarge]),
    ]

    private static let file = Example("full", "All traffic through the tunnel", .text(text("0.0.0.0/0")))

    private static func text(_ allowedIPs: String) -> String {
        """
        [Interface]
        PrivateKey = …
        Address = 10.0.0.2/32
        DNS = 10.0.0.1
        MTU = 1420

        [Peer]
        PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
        Endpoint = vpn.example.org:51820
        AllowedIPs = \(allowedIPs)
        PersistentKeepalive = 25

        """
    }
}
