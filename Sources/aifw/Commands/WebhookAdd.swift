internal import ArgumentParser
internal import Wire

/// `aifw webhook add`: a new receiver; what signs its deliveries is shown this once.
struct WebhookAdd: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a webhook. Its signing secret is printed once, alone on standard output.",
        discussion: "SECRET=$(aifw webhook add --name inventory --url https://hooks.example.org/vpn)")

    static let flags = ["name": "--name", "url": "--url", "objects": "--object"]

    @Option(help: "What the webhook is called.")
    var name: String

    @Option(help: "Where deliveries are sent, such as https://hooks.example.org/vpn.")
    var url: String

    @Option(
        help: """
            Whose changes it is told of: tunnel, peer, association, token, user, webhook; may be given several times. \
            Without any: all.
            """)
    var object: [String] = []

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        var body = Body()
        body.add("name", name)
        body.add("url", url)
        body.add("objects", object.isEmpty ? nil : JSON.array(object.map { .text($0) }))
        let response = try client.send(Request(.post, ["webhooks"], body: body.json))
        let document = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        guard let data = document["data"], let secret = data["secret"]?.text else {
            throw .notUnderstood("a new webhook without \"secret\"")
        }
        try output.write(secret.printable + "\n")
        output.warn(document)
        output.note("This is the only time it is shown. Try it: aifw webhook test \(data["id"]?.text ?? "")")
    }
}
