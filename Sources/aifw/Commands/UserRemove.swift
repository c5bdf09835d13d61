internal import ArgumentParser
internal import Wire

/// `aifw user remove`: a user who may log in no more.
struct UserRemove: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a user. All his sessions end at once.")

    @Argument(help: ArgumentHelp("The user: the id or name.", valueName: "user"))
    var user: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        try output.show(message: try client.send(Request(.delete, ["users", try client.userID(user)])))
    }
}
