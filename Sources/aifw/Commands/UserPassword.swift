internal import ArgumentParser
internal import Wire

/// `aifw user password`: another password for a user, who then has to log in again everywhere.
struct UserPassword: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "password",
        abstract: "Set a user's password. It is asked for on the terminal, or read from standard input.",
        discussion: "All sessions of the user end.")

    static let flags = ["password": "the password"]

    @Argument(help: ArgumentHelp("The user: the id or name.", valueName: "user"))
    var user: String

    @OptionGroup var source: PasswordSource

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let id = try client.userID(user)
        var body = Body()
        body.add("password", try source.password())
        let response = try client.send(Request(.patch, ["users", id], body: body.json))
        guard !output.json else { return try output.write(document: response.body) }
        try output.write("Password changed\n")
    }
}
