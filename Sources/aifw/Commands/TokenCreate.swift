internal import ArgumentParser
internal import Wire

/// `aifw token create`: a new bearer token, shown this once.
struct TokenCreate: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token. It is printed once, alone on standard output; only its hash is kept.",
        discussion: "TOKEN=$(aifw token create --name ci)")

    static let flags = ["name": "--name", "scopes": "--scope", "expires_at": "--expires"]

    @Option(help: "What the token is called.")
    var name: String

    @Option(
        help: """
            What it may do: vpn:read, vpn:write, vpn:secrets, admin; may be given several times. Without any: admin, \
            which is everything, as you may over the Unix socket.
            """)
    var scope: [String] = []

    @Option(help: ArgumentHelp("When it ends: a time such as 2030-01-31T12:00:00Z, or 12h, 30d.", valueName: "time"))
    var expires: Expiry?

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        var body = Body()
        body.add("name", name)
        body.add("scopes", JSON.array((scope.isEmpty ? ["admin"] : scope).map { .text($0) }))
        body.add("expires_at", expires?.time)
        let response = try client.send(Request(.post, ["tokens"], body: body.json))
        let document = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        guard let data = document["data"], let token = data["token"]?.text else {
            throw .notUnderstood("a new token without \"token\"")
        }
        try output.write(token.printable + "\n")
        output.warn(document)
        output.note("This is the only time it is shown. Revoke it: aifw token revoke \(data["id"]?.text ?? "")")
    }
}
