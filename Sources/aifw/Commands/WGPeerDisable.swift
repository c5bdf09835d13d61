internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-peer-disable`; does nothing to a peer that is disabled already.
struct WGPeerDisable: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-peer-disable",
        abstract: "Shut a peer out: the kernel has dropped it when the command returns. Its address and keys are kept.")

    @Option(help: ArgumentHelp("The tunnel: its id, name or interface.", valueName: "id"))
    var tunnel: String

    @Argument(help: ArgumentHelp("The peer: its id or name.", valueName: "peer"))
    var peer: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        try client.setPeer(peer, of: tunnel, enabled: false, output)
    }
}
