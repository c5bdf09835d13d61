internal import ArgumentParser
internal import Wire

/// `aifw audit`: who has done what, from where, and what was changed by it.
struct Audit: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show the log of changes, reveals and log-ins, the newest first.")

    @Option(help: "How many lines at most: 1 to 1000.")
    var limit = 50

    @Option(help: ArgumentHelp("Only those of an actor or object with this in its name.", valueName: "text"))
    var search: String?

    @Option(help: ArgumentHelp("Only one action: create, update, delete, login, login_failed…", valueName: "word"))
    var action: String?

    @Option(help: ArgumentHelp("Only what was done to the object with this id.", valueName: "uuid"))
    var object: String?

    @OptionGroup var common: CommonOptions

    static let flags = ["q": "--search", "action": "--action", "object": "--object", "limit": "--limit"]

    func run(_ client: Client, _ output: Output) throws(Failure) {
        var query = [(name: "limit", value: String(limit))]
        if let search { query.append((name: "q", value: search)) }
        if let action { query.append((name: "action", value: action)) }
        if let object { query.append((name: "object", value: object)) }
        let response = try client.send(Request(.get, ["audit"], query: query))
        guard !output.json else { return try output.write(document: response.body) }
        guard let entries = try response.json()["data"]?.elements else {
            throw .notUnderstood("a list without \"data\"")
        }
        guard !entries.isEmpty else { return output.note("There is nothing in the log that fits.") }
        var table = Table([
            Table.Column("REVISION", alignsRight: true), Table.Column("TIME"), Table.Column("ACTION"),
            Table.Column("OBJECT"), Table.Column("BY"), Table.Column("FROM", folds: true),
            Table.Column("CHANGES", folds: true),
        ])
        table.rows = entries.map { entry in
            [
                Table.Cell(entry["revision"]?.shown), Table.Cell(entry["time"]?.shown),
                Table.Cell(entry["action"]?.shown),
                Table.Cell(Self.words(entry["object"], ["type", "name"])),
                Table.Cell(Self.words(entry["actor"], ["kind", "name"])), Table.Cell(entry["origin"]?.shown),
                Table.Cell(entry["changes"].flatMap(Self.changes)),
            ]
        }
        try output.write(table)
    }

    private static func words(_ object: JSON?, _ names: [String]) -> String? {
        let words = names.compactMap { object?[$0]?.shown }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    /// `mtu 1420 > 1380, private_key changed, peers 3 created 1 deleted`
    private static func changes(_ changes: JSON) -> String? {
        guard case .object(let members) = changes else { return nil }
        return members.map { member in
            let (from, to) = (member.value["from"], member.value["to"])
            guard from != nil || to != nil else { return "\(member.name) \(value(member.value))" }
            return "\(member.name) \(from?.shown ?? "-") > \(to?.shown ?? "-")"
        }.joined(separator: ", ")
    }

    /// A value as it is; of counts, those that are not 0.
    private static func value(_ value: JSON) -> String {
        guard case .object(let counts) = value else { return value.shown ?? "-" }
        let words = counts.filter { $0.value != .integer(0) }.map { "\($0.value.shown ?? "-") \($0.name)" }
        return words.isEmpty ? "-" : words.joined(separator: " ")
    }
}
