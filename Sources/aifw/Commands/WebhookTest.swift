internal import ArgumentParser
internal import Wire

/// `aifw webhook test`: one delivery of no meaning, now.
struct WebhookTest: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send a test delivery now, and say what came of it.")

    @Argument(help: ArgumentHelp("The webhook: its id or name.", valueName: "id"))
    var webhook: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let response = try client.send(Request(.post, ["webhooks", try client.webhookID(webhook), "test"]))
        let document = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        guard let data = document["data"], data["delivered"] != nil else {
            throw .notUnderstood("a test without \"delivered\"")
        }
        let error = data["error"]?.text.map { "Not delivered: \($0)" }
        try output.write((error ?? "Delivered").printable + "\n")
    }
}
