internal import ArgumentParser

/// The options that every command takes.
struct CommonOptions: ParsableArguments {
    static let standardSocket = "/run/aifw/api.sock"

    @Option(
        name: .customLong("api-socket"),
        help: ArgumentHelp(
            "The API's Unix socket (default: $AIFW_API_SOCKET, else \(Self.standardSocket)).", valueName: "path"))
    var apiSocket: String?

    @Flag(help: "Print the API's own JSON; what it refuses goes to standard error as its problem document.")
    var json = false

    var socketPath: String {
        if let apiSocket { return apiSocket }
        guard let path = Output.environment("AIFW_API_SOCKET"), !path.isEmpty else { return Self.standardSocket }
        return path
    }
}
