internal import ArgumentParser

/// `aifw admin`: what only who is on the host may do.
struct Admin: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "The first user, an administrator.", subcommands: [AdminSetupCode.self])
}
