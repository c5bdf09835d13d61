internal import ArgumentParser
internal import Wire

/// `aifw token revoke`: a token that is taken back admits nobody from then on.
struct TokenRevoke: APICommand {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "Take a token back at once.")

    @Argument(help: ArgumentHelp("The token: its id or name.", valueName: "id"))
    var token: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        try output.show(message: try client.send(Request(.delete, ["tokens", try client.tokenID(token)])))
    }
}
