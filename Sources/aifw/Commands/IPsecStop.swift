internal import ArgumentParser
internal import Wire

/// `aifw vpn ipsec-stop`; does nothing to an association that is not installed.
struct IPsecStop: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "ipsec-stop",
        abstract: "Stop an association: neither the kernel nor the packet filter has it when the command returns.")

    @Argument(help: ArgumentHelp("The association: its id or name.", valueName: "id"))
    var association: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let id = try client.associationID(association)
        try output.show(message: try client.send(Request(.post, ["vpn", "ipsec", id, "stop"])))
    }
}
