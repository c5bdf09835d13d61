internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-rotate`: other keys for a peer.
struct WGRotate: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-rotate",
        abstract: "Make a peer's keys anew, the pre-shared one too if it has one. The old ones are dead at once.",
        discussion: """
            aifw vpn wg-rotate --tunnel office laptop -o laptop.conf

            If the server does not keep the peer's private key, the new configuration is handed out this once: to the \
            file of -o, else to standard output.
            """)

    @Option(help: ArgumentHelp("The tunnel: its id, name or interface.", valueName: "id"))
    var tunnel: String

    @Argument(help: ArgumentHelp("The peer: its id or name.", valueName: "peer"))
    var peer: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write the new configuration to this file (mode 0600); - is standard output.", valueName: "file"))
    var output: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard output == nil || !common.json else { throw ValidationError("Give either -o or --json.") }
    }

    func run(_ client: Client, _ terminal: Output) throws(Failure) {
        let destination = try ConfigurationDestination(output)
        let tunnelID = try client.tunnelID(tunnel)
        let id = try client.peerID(peer, in: tunnelID)
        let response = try client.send(Request(.post, ["vpn", "wg", tunnelID, "peers", id, "rotate"]))
        let document = try response.json()
        guard !terminal.json else { return try terminal.write(document: response.body) }
        let peer = document["data"] ?? .null
        let isOnlyTime = peer["config"] != nil
        if destination.leavesOutputFree || (output == nil && !isOnlyTime) {
            try terminal.write(Details(peer: peer).rendered(colour: terminal.colour))
        }
        terminal.warn(document)
        if output != nil || isOnlyTime {
            let configuration = try client.configuration(
                of: peer, in: tunnelID, after: "The peer has its new keys.", terminal)
            try destination.write(configuration, isOnlyTime: isOnlyTime, terminal)
        } else {
            terminal.note("Fetch its configuration anew: aifw vpn wg-config --tunnel \(tunnelID) \(id) -o peer.conf")
        }
    }
}
