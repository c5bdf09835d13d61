internal import ArgumentParser
internal import Wire

/// `aifw vpn ipsec-start`; does nothing to an association that is installed already.
struct IPsecStart: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "ipsec-start",
        abstract: "Start an association: the kernel and the packet filter have it when the command returns.")

    @Argument(help: ArgumentHelp("The association: its id or name.", valueName: "id"))
    var association: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let id = try client.associationID(association)
        try output.show(message: try client.send(Request(.post, ["vpn", "ipsec", id, "start"])))
    }
}
