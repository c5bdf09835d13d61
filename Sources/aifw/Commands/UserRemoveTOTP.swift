internal import ArgumentParser
internal import Wire

/// `aifw user remove-totp`: for who has lost the authenticator.
struct UserRemoveTOTP: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "remove-totp",
        abstract: "Let a user log in without one-time passwords again. All his sessions end.")

    @Argument(help: ArgumentHelp("The user: the id or name.", valueName: "user"))
    var user: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        try output.show(message: try client.send(Request(.delete, ["users", try client.userID(user), "totp"])))
    }
}
