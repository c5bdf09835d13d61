internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-start`; does nothing to a tunnel that is in that state already.
struct WGStart: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-start", abstract: "Start a tunnel: its interface and port are there when the command returns.")

    @Argument(help: ArgumentHelp("The tunnel: its id, name or interface.", valueName: "id"))
    var tunnel: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let id = try client.tunnelID(tunnel)
        try output.show(message: try client.send(Request(.post, ["vpn", "wg", id, "start"])))
    }
}
