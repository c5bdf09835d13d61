internal import ArgumentParser

/// `aifw user`: the people who log in with a password.
struct User: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "People who log in with a password.",
        subcommands: [
            UserList.self, UserAdd.self, UserEdit.self, UserPassword.self, UserRemove.self, UserRemoveTOTP.self,
        ])
}
