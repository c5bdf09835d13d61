internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-traffic`: what a tunnel or one of its peers has carried, and when.
struct WGTraffic: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-traffic", abstract: "Show what a tunnel or a peer has carried.",
        discussion: "What was carried counts from when the tunnel or the peer was made, whatever was restarted since.")

    @Argument(help: ArgumentHelp("The tunnel: its id, name or interface.", valueName: "id"))
    var tunnel: String

    @Option(help: ArgumentHelp("One of its peers alone: its id or name.", valueName: "peer"))
    var peer: String?

    @Option(help: "How far back: hour, day or month.")
    var range = Range.hour

    @OptionGroup var common: CommonOptions

    /// How far back.
    enum Range: String, ExpressibleByArgument, CaseIterable {
        case hour, day, month
    }

    /// How many slots a character stands for.
    private static let size = 6

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let id = try client.tunnelID(tunnel)
        var query = [(name: "range", value: range.rawValue)]
        if let peer { query.append((name: "peer", value: try client.peerID(peer, in: id))) }
        let response = try client.send(Request(.get, ["vpn", "wg", id, "history"], query: query))
        let history = try response.json()["data"] ?? .null
        guard !output.json else { return try output.write(document: response.body) }
        let lines = ["received", "sent"].map { name in
            (name, Sparkline((history[name]?.elements ?? []).map(\.integer), size: Self.size))
        }
        let span = Self.span(seconds: (history["step"]?.integer ?? 0) * Int64(Self.size))
        try output.write(table(history, lines, span))
        try output.write(Self.drawing(history, lines, span))
    }

    private func table(_ history: JSON, _ lines: [(name: String, line: Sparkline)], _ span: String) -> Table {
        var table = Table([
            Table.Column("BYTES"), Table.Column("EVER", alignsRight: true),
            Table.Column("LAST \(range.rawValue.uppercased())", alignsRight: true),
            Table.Column("MOST IN \(span.uppercased())", alignsRight: true),
        ])
        table.rows = lines.map { name, line in
            [
                Table.Cell(name), Table.Cell(history["total"]?[name]?.integer.map(Amounts.bytes)),
                Table.Cell(Amounts.bytes(line.sums.lazy.compactMap(\.self).reduce(0, &+))),
                Table.Cell(Amounts.bytes(line.most)),
            ]
        }
        return table
    }

    private static func drawing(
        _ history: JSON, _ lines: [(name: String, line: Sparkline)], _ span: String
    ) -> String {
        var details = Details()
        for (name, line) in lines { details.add(name, line.text) }
        details.add("from", history["from"]?.shown)
        details.add("to", history["to"]?.shown)
        let isPartial = lines.contains { $0.line.sums.contains(nil) }
        details.add("a character", span + (isPartial ? "; · where nothing was observed" : ""))
        return "\n" + details.rendered(colour: false)
    }

    private static func span(seconds: Int64) -> String {
        seconds % 3600 == 0 ? "\(seconds / 3600) h" : "\(seconds / 60) min"
    }
}
