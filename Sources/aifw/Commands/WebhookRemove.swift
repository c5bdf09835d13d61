internal import ArgumentParser
internal import Wire

/// `aifw webhook remove`: nothing more is sent to it.
struct WebhookRemove: APICommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a webhook.")

    @Argument(help: ArgumentHelp("The webhook: its id or name.", valueName: "id"))
    var webhook: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        try output.show(message: try client.send(Request(.delete, ["webhooks", try client.webhookID(webhook)])))
    }
}
