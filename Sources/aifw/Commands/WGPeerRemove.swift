internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-peer-remove`: as `remove`, for those who know the tunnel.
struct WGPeerRemove: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-peer-remove",
        abstract: "Remove a peer from a tunnel: the kernel has dropped it when the command returns.")

    @Option(help: ArgumentHelp("The tunnel: its id, name or interface.", valueName: "id"))
    var tunnel: String

    @Argument(help: ArgumentHelp("The peer: its id or name.", valueName: "peer"))
    var peer: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let tunnelID = try client.tunnelID(tunnel)
        let id = try client.peerID(peer, in: tunnelID)
        try output.show(message: try client.send(Request(.delete, ["vpn", "wg", tunnelID, "peers", id])))
    }
}
