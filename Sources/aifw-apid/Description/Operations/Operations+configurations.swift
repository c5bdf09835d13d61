import HTTPTypes
import Wire

extension Operations {
    private static let extent = Parameter.query(
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
                """, parameters: [extent],
            answers: [
                SuccessfulAnswer(
                    status: .ok, details: "The configuration.",
                    forms: [
                        .init(type: "text/plain", schema: .text, examples: [file]),
                        .init(
                            type: "application/json", schema: .named("ClientConfigurations"),
                            examples: [
                                Example("both", "Both kinds", ["full_tunnel": full, "split_tunnel": split])
                            ]),
                        .init(type: "image/svg+xml", schema: .text, examples: []),
                    ], headers: [.notStored])
            ], problems: problems + [.notAcceptable, .configurationTooLarge]),
        Operation(
            method: .get, path: "/api/v1/vpn/wg/{id}/peers/{peer}/config/qr", id: "getConfigurationCode",
            topic: .peers, summary: "The same as a QR code", details: "For the camera of a phone.",
            parameters: [extent],
            answers: [
                SuccessfulAnswer(
                    status: .ok, details: "A picture.",
                    forms: [.init(type: "image/svg+xml", schema: .text, examples: [])], headers: [.notStored])
            ], problems: problems + [.configurationTooLarge]),
    ]

    private static let file = Example("full", "All traffic through the tunnel", full)

    private static let full = text("0.0.0.0/0")
    private static let split = text("10.0.0.0/24")

    private static func text(_ allowedIPs: String) -> JSON {
        .text(
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

            """)
    }
}
