internal import ArgumentParser

/// The command line of AiFw VPN: a client of the REST API on this machine, and nothing else.
@main
struct Aifw: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aifw",
        abstract: "Manage the VPN of this firewall.",
        discussion: """
            Talks to the API daemon aifw-apid through its Unix socket, which is open to root and to members of the \
            group "aifw". Results go to standard output; errors and remarks go to standard error.

            Where the id of a tunnel, peer, association, token, user or webhook is asked for, its name will do, or a tunnel's \
            interface, if it means only one.

            ENVIRONMENT
              AIFW_API_SOCKET  the API's socket, if --api-socket is not given
              NO_COLOR         if set and not empty: no colours

            \(Failure.exitCodes)
            """,
        version: "aifw 0.1.0",
        subcommands: [
            VPN.self, Token.self, User.self, Admin.self, Audit.self, Events.self, Webhook.self, Backup.self,
            Restore.self,
        ])
}
