internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-peer-enable`; does nothing to a peer that is admitted already.
struct WGPeerEnable: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-peer-enable", abstract: "Admit a peer again that was disabled.")

    static let flags = ["expires_at": "wg-peer-edit --expires"]

    @Option(help: ArgumentHelp("The tunnel: its id, name or interface.", valueName: "id"))
    var tunnel: String

    @Argument(help: ArgumentHelp("The peer: its id or name.", valueName: "peer"))
    var peer: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        try client.setPeer(peer, of: tunnel, enabled: true, output)
    }
}
