internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-peer-list`: a tunnel's peers as they are meant to be; how they fare is shown by `wg-status`.
struct WGPeerList: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-peer-list", abstract: "List a tunnel's peers with their ids, addresses and keys.")

    @Option(help: ArgumentHelp("The tunnel: its id, name or interface.", valueName: "id"))
    var tunnel: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let listing = try client.list(["vpn", "wg", try client.tunnelID(tunnel), "peers"])
        guard !output.json else { return try output.write(document: listing.document) }
        guard !listing.items.isEmpty else {
            return output.note("It has no peer yet. Add one: aifw vpn wg-peer-add --tunnel \(tunnel) --name laptop")
        }
        try output.write(Self.table(listing.items))
    }

    static func table(_ peers: [JSON]) -> Table {
        var table = Table([
            Table.Column("ID"), Table.Column("ENABLED"), Table.Column("ALLOWED IPS", folds: true),
            Table.Column("ENDPOINT", folds: true), Table.Column("PUBLIC KEY", folds: true), Table.Column("NAME"),
        ])
        table.rows = peers.map { peer in
            let enabled = peer["enabled"] != .bool(false)
            return [
                Table.Cell(peer["id"]?.shown), Table.Cell(enabled ? "yes" : "no", enabled ? .plain : .faint),
                Table.Cell(peer["allowed_ips"]?.shown), Table.Cell(peer["endpoint"]?.shown),
                Table.Cell(peer["public_key"]?.shown), Table.Cell(peer["name"]?.shown),
            ]
        }
        return table
    }
}
