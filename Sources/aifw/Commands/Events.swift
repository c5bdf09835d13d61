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

    /// How many changes are shown if nothing is said.
    private static let standardCount: Int64 = 50
    /// How far is looked back for them: fewer than the API goes back, for there may be more before it is asked.
    private static let reach: Int64 = 9000

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
        var parser = EventParser(lastID: since.map(String.init))
        if follow {
            try followOn(client, &parser, &lines)
        } else if since != nil {
            try read(client, &parser, &lines)
            if lines.count == 0 { output.note("Nothing has changed since.") }
        } else {
            try showLast(client, &lines)
            if lines.count == 0 { output.note("Nothing has changed of late.") }
        }
    }

    /// The last changes. Log-ins and downloads have revisions too and are not told of here: where the last ones are all of
    /// that kind, it looks further back.
    private func showLast(_ client: Client, _ lines: inout EventLines) throws(Failure) {
        let summary = try client.send(Request(.get, ["vpn", "summary"])).json()
        guard let last = summary["data"]?["revision"]?.integer else {
            throw .notUnderstood("a summary without \"revision\"")
        }
        var start = last
        for reach in [Self.standardCount, Self.reach] where lines.count == 0 && start > 0 {
            start = max(0, last - reach)
            var parser = EventParser(lastID: String(start))
            var events: [ServerEvent] = []
            try client.stream(request(after: parser)) { (bytes) throws(Failure) in
                events = Array((events + (try parser.take(bytes))).suffix(Int(Self.standardCount)))
            }
            for event in events { try lines.write(event) }
        }
    }

    private func request(after parser: EventParser) -> Request {
        var query = [(name: "follow", value: follow ? "true" : "false")]
        if let id = parser.lastID { query.append((name: "last_event_id", value: id)) }
        return Request(.get, ["events"], query: query, accept: "text/event-stream")
    }

    /// Reads one stream to its end.
    private func read(_ client: Client, _ parser: inout EventParser, _ lines: inout EventLines) throws(Failure) {
        // What was read of an event when the connection broke comes again.
        var (current, written) = (EventParser(lastID: parser.lastID), lines)
        defer { (parser, lines) = (EventParser(lastID: current.lastID), written) }
        try client.stream(request(after: parser)) { (bytes) throws(Failure) in
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
