internal import ArgumentParser
internal import Wire

/// `aifw admin setup-code`: the code by which the first administrator makes himself, shown this once.
struct AdminSetupCode: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "setup-code",
        abstract: "Make a code for the first administrator. It is printed once, alone on standard output.",
        discussion: """
            Only while there is no user. The code is good for 15 minutes and 5 tries; another one takes its place. Whoever has \
            it chooses the administrator's name and password.
            """)

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let response = try client.send(Request(.post, ["auth", "setup-code"]))
        let document = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        guard let data = document["data"], case .string(let code)? = data["code"] else {
            throw .notUnderstood("a set-up code without \"code\"")
        }
        let text = Bytes(capacity: code.count)
        code.withUTF8 { text.append($0) }
        try output.write(content: text)
        output.note(
            """
            Good until \(data["expires_at"]?.text ?? "?"). Whoever types it into the web page's /setup by then, with a name and a \
            password of 12 characters at least, is the first administrator (POST /api/v1/auth/setup does the same).
            """)
    }
}
