internal import ArgumentParser

/// `aifw token`: the tokens by which REST clients are admitted.
struct Token: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Bearer tokens for clients of the REST API.",
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}
