internal import ArgumentParser
internal import Wire

/// `aifw webhook test`: one delivery of no meaning, now.
struct WebhookTest: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send a test delivery now, and say what came of it.",
        discussion: "The exit status is 1 if it was not delivered.")

    @Argument(help: ArgumentHelp("The webhook: its id or name.", valueName: "id"))
    var webhook: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let response = try client.send(Request(.post, ["webhooks", try client.webhookID(webhook), "test"]))
        let document = try response.json()
        guard let data = document["data"], case .bool(let isDelivered)? = data["delivered"] else {
            throw .notUnderstood("a test without \"delivered\"")
        }
        if output.json {
            try output.write(document: response.body)
        } else if isDelivered {
            try output.write("Delivered\n")
        }
        guard isDelivered else { throw .notDelivered(data["error"]?.text ?? "nobody knows why") }
    }
}
