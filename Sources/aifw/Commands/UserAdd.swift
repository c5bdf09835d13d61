internal import ArgumentParser
internal import Wire

/// `aifw user add`: somebody more who may log in.
struct UserAdd: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a user. The password is asked for on the terminal, or read from standard input.",
        discussion: "aifw user add alice --scope vpn:read --scope vpn:write")

    static let flags = ["username": "the name", "scopes": "--scope", "password": "the password"]

    @Argument(
        help: ArgumentHelp("What the user logs in with: letters, digits and any of . _ @ -", valueName: "name"))
    var username: String

    @Option(help: "What the user may do: vpn:read, vpn:write, vpn:secrets, admin; may be given several times.")
    var scope: [String]

    @OptionGroup var source: PasswordSource

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        var body = Body()
        body.add("username", username)
        body.add("scopes", JSON.array(scope.map { .text($0) }))
        body.add("password", try source.password())
        let response = try client.send(Request(.post, ["users"], body: body.json))
        let document = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        try output.write("User added: \(document["data"]?["id"]?.text ?? "")\n".printable(keeping: ["\n"]))
    }
}
