internal import ArgumentParser
internal import Wire

/// `aifw vpn rules`: the pass rules of the anchor `aifw-vpn`.
struct Rules: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Show the packet filter's rules for tunnels and associations, and whether they are loaded.",
        discussion: """
            aifw vpn rules
            aifw vpn rules --format nft

            The table is what was read back from the packet filter. With --format it is what should be loaded, as the \
            text that pfctl or nft takes.
            """)

    /// The text of one packet filter.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case pf
        case nft
    }

    @Option(help: ArgumentHelp("The rules as pfctl or nft takes them.", valueName: "format"))
    var format: Format?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard format == nil || !common.json else { throw ValidationError("Give either --format or --json.") }
    }

    func run(_ client: Client, _ output: Output) throws(Failure) {
        if let format {
            let query = [(name: "format", value: format.rawValue)]
            let text = try client.send(Request(.get, ["vpn", "rules"], query: query, accept: "text/plain")).body
            return try output.write(content: text)
        }
        let listing = try client.list(["vpn", "rules"])
        guard !output.json else { return try output.write(document: listing.document) }
        let (rules, document) = (listing.items, listing.page)
        let filter = document["filter"]?.text
        var details = Details()
        details.add("filter", filter)
        try output.write(details.rendered(colour: output.colour))
        output.warn(document)
        if filter == "none" { output.note("The helper has no packet filter to load them into: aifw-privd --filter") }
        guard !rules.isEmpty else {
            return output.note("There is no rule, for no tunnel or association is enabled.")
        }
        try output.write("\n")
        try output.write(Self.table(rules, loads: filter != "none"))
    }

    private static func table(_ rules: [JSON], loads: Bool) -> Table {
        var table = Table([
            Table.Column("LOADED"), Table.Column("KIND"), Table.Column("RULE", folds: true), Table.Column("OF"),
        ])
        table.rows = rules.map { rule in
            let isLoaded = rule["loaded"] == .bool(true)
            let object = ["type", "name"].compactMap { rule["object"]?[$0]?.shown }.joined(separator: " ")
            return [
                Table.Cell(isLoaded ? "yes" : "no", isLoaded ? .good : loads ? .bad : .faint),
                Table.Cell(rule["kind"]?.shown), Table.Cell(words(rule)), Table.Cell(object),
            ]
        }
        return table
    }

    /// `esp 203.0.113.1 <> 198.51.100.1`, `udp port 51820 on eth0`, `from 10.0.0.0/24 on wg0`.
    static func words(_ rule: JSON) -> String {
        let isKeyExchange = rule["kind"]?.text == "key-exchange"
        let parts = [
            isKeyExchange ? "udp ports 500, 4500" : rule["protocol"]?.shown,
            rule["port"]?.shown.map { "udp port \($0)" }, rule["network"]?.shown.map { "from \($0)" },
            rule["interface"]?.shown.map { "on \($0)" },
            IPsecList.ends(rule, "local", "remote"),
        ]
        return parts.compactMap(\.self).joined(separator: " ")
    }
}
