internal import ArgumentParser
internal import Wire

/// `aifw user edit`: another name, or other scopes.
struct UserEdit: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a user's name or scopes. Other scopes end all sessions of the user.")

    static let flags = ["username": "--username", "scopes": "--scope"]

    @Argument(help: ArgumentHelp("The user: the id or name.", valueName: "user"))
    var user: String

    @Option(help: ArgumentHelp("What the user logs in with from now on.", valueName: "name"))
    var username: String?

    @Option(help: "What the user may do from now on, in the place of what it was; may be given several times.")
    var scope: [String] = []

    @OptionGroup var common: CommonOptions

    private var edit: Edit {
        var edit = Edit(clearable: [], flags: Self.flags)
        edit.set("username", username)
        if !scope.isEmpty { edit.set("scopes", JSON.array(scope.map { .text($0) })) }
        return edit
    }

    func validate() throws { try edit.check() }

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let response = try client.send(Request(.patch, ["users", try client.userID(user)], body: edit.json))
        guard !output.json else { return try output.write(document: response.body) }
        try output.write("User changed\n")
        output.warn(try response.json())
    }
}
