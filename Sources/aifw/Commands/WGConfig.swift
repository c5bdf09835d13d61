internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-config`: a peer's configuration file, ready for `wg-quick` and the WireGuard apps.
struct WGConfig: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-config",
        abstract: "Fetch a peer's configuration file; it holds the peer's private key.",
        discussion: "The file of -o is readable by its owner only. --json gives both forms, full and split tunnel.")

    @Option(help: ArgumentHelp("The tunnel: its id, name or interface.", valueName: "id"))
    var tunnel: String

    @Argument(help: ArgumentHelp("The peer: its id or name.", valueName: "peer"))
    var peer: String

    @Flag(help: "Send only the tunnel's own networks through it, not all traffic.")
    var split = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write it to this file (mode 0600); - is standard output.", valueName: "file"))
    var output: String?

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ terminal: Output) throws(Failure) {
        let tunnelID = try client.tunnelID(tunnel)
        let peerID = try client.peerID(peer, in: tunnelID)
        let response = try client.send(
            Request(
                .get, ["vpn", "wg", tunnelID, "peers", peerID, "config"],
                query: terminal.json ? [] : [(name: "split_tunnel", value: split ? "true" : "false")],
                accept: terminal.json ? "application/json" : "text/plain"))
        if let output, output != "-" {
            try PrivateFile.write(response.body, to: output)
        } else if terminal.json {
            try terminal.write(document: response.body)
        } else {
            try terminal.write(content: response.body)
        }
    }
}
