internal import ArgumentParser
internal import QR
internal import Wire

/// `aifw vpn wg-config`: a peer's configuration file, ready for `wg-quick` and the WireGuard apps.
struct WGConfig: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-config",
        abstract: "Fetch a peer's configuration file, or its QR code; it holds the peer's private key.",
        discussion: """
            aifw vpn wg-config --tunnel office laptop -o laptop.conf
            aifw vpn wg-config --tunnel office phone --qr

            The file of -o is readable by its owner only. --json gives both forms, full and split tunnel.
            """)

    @Option(help: ArgumentHelp("The tunnel: its id, name or interface.", valueName: "id"))
    var tunnel: String

    @Argument(help: ArgumentHelp("The peer: its id or name.", valueName: "peer"))
    var peer: String

    @Flag(help: "Send only the tunnel's own networks through it, not all traffic.")
    var split = false

    @Flag(help: "Show it as a QR code, which the WireGuard apps scan; with -o it is an SVG picture.")
    var qr = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write it to this file (mode 0600); - is standard output.", valueName: "file"))
    var output: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !qr || !common.json else { throw ValidationError("Give either --qr or --json.") }
    }

    func run(_ client: Client, _ terminal: Output) throws(Failure) {
        let destination = try ConfigurationDestination(output)
        let tunnelID = try client.tunnelID(tunnel)
        let peerID = try client.peerID(peer, in: tunnelID)
        guard !terminal.json else {
            let response = try client.send(Request(.get, ["vpn", "wg", tunnelID, "peers", peerID, "config"]))
            return if destination.isFile {
                try destination.write(response.body, terminal)
            } else {
                try terminal.write(document: response.body)
            }
        }
        let configuration = try client.configuration(of: peerID, in: tunnelID, split: split)
        guard qr else { return try destination.write(configuration, terminal) }
        try show(try Self.code(of: configuration), destination, terminal)
    }

    private static func code(of configuration: Bytes) throws(Failure) -> QRCode {
        do throws(QRCodeError) {
            return try QRCode(configuration)
        } catch {
            throw .noQRCode(error)
        }
    }

    private func show(
        _ code: borrowing QRCode, _ destination: ConfigurationDestination, _ terminal: Output
    ) throws(Failure) {
        guard !destination.isFile else { return try destination.write(code.svg, terminal) }
        try terminal.write(drawing: code.blocks(painted: terminal.takesSequences))
        if let columns = terminal.columns, columns < code.outerSide {
            terminal.note(
                """
                The QR code is \(code.outerSide) columns wide, and this terminal has \(columns): make it wider, or its \
                letters smaller, or write a picture: -o peer.svg
                """)
        }
    }
}
