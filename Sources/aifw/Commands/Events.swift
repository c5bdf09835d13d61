internal import ArgumentParser
internal import Glibc
internal import Wire

/// `aifw events`: what changes, as it changes.
struct Events: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show what has changed, and with --follow what changes from now on.",
        discussion: """
            aifw events
            aifw events --follow
            aifw events --follow --since 4711 --json

            Without --follow: the last changes, the oldest first. With it, each change, each new status and each \
            handshake as it comes, until Ctrl-C; after a restart of the daemon it goes on where it was.
            """)

    /// How many changes are looked through if nothing is said.
    private static let standardCount: Int64 = 50

    @Flag(help: "Go on until Ctrl-C.")
    var follow = false

    @Option(
        help: ArgumentHelp("Begin behind this revision, at most 10,000 changes back.", valueName: "revision"))
    var since: Int64?

    @OptionGroup var common: CommonOptions

    static let flags = ["last_event_id": "--since"]

    func validate() throws {
        guard since.map({ $0 >= 0 }) ?? true else { throw ValidationError("--since is a revision: 0 or more.") }
    }

    func run(_ client: Client, _ output: Output) throws(Failure) {
        var lines = EventLines(output)
        var start = since.map(String.init)
        if !follow, since == nil {
            let summary = try client.send(Request(.get, ["vpn", "summary"])).json()
            guard let last = summary["data"]?["revision"]?.integer else {
                throw .notUnderstood("a summary without \"revision\"")
            }
            start = String(max(0, last - Self.standardCount))
        }
        var parser = EventParser(lastID: start)
        guard follow else {
            try read(client, &parser, &lines)
            if lines.count == 0 { output.note("Nothing has changed since.") }
            return
        }
        try followOn(client, &parser, &lines)
    }

    /// Reads one stream to its end.
    private func read(_ client: Client, _ parser: inout EventParser, _ lines: inout EventLines) throws(Failure) {
        var query = [(name: "follow", value: follow ? "true" : "false")]
        if let id = parser.lastID { query.append((name: "last_event_id", value: id)) }
        // What was read of an event when the connection broke comes again.
        var (current, written) = (EventParser(lastID: parser.lastID), lines)
        defer { (parser, lines) = (EventParser(lastID: current.lastID), written) }
        try client.stream(Request(.get, ["events"], query: query, accept: "text/event-stream")) {
            (bytes) throws(Failure) in
            let events = try current.take(bytes)
            if written.isInterrupted { written.resume() }
            for event in events { try written.write(event) }
        }
    }

    /// Reads streams one after the other, each from where the last one ended. Only the first must be had at once.
    private func followOn(
        _ client: Client, _ parser: inout EventParser, _ lines: inout EventLines
    ) throws(Failure) {
        while true {
            do throws(Failure) {
                try read(client, &parser, &lines)
            } catch {
                guard error.isPassing, parser.lastID != nil, lines.hasBegun else { throw error }
            }
            lines.interrupt()
            sleep(2)
        }
    }
}
