internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-list`: the WireGuard tunnels.
struct WGList: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-list", abstract: "List the WireGuard tunnels with their ids and states.")

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        try Self.show(try client.list(["vpn", "wg"]), output)
    }

    static func show(_ listing: Listing, _ output: Output) throws(Failure) {
        guard !output.json else { return try output.write(document: listing.document) }
        guard !listing.items.isEmpty else {
            return output.note(
                "There is no tunnel yet. Add one: aifw vpn wg-add --name office --address 10.0.0.1/24 --start")
        }
        try output.write(table(listing.items))
        explainErrors(listing.items, output)
    }

    /// Says why tunnels are in error.
    static func explainErrors(_ tunnels: [JSON], _ output: Output) {
        for tunnel in tunnels where tunnel["status"]?.text == "error" {
            output.note("\(tunnel["interface"]?.text ?? "?"): \(tunnel["status_detail"]?.text ?? "no reason is known")")
        }
    }

    static func table(_ tunnels: [JSON]) -> Table {
        var table = Table([
            Table.Column("ID"), Table.Column("INTERFACE"), Table.Column("STATE"),
            Table.Column("PORT", alignsRight: true, folds: true), Table.Column("PEERS", alignsRight: true, folds: true),
            Table.Column("ADDRESS", folds: true), Table.Column("NAME"),
        ])
        table.rows = tunnels.map { tunnel in
            let state = tunnel["status"]?.text ?? ""
            return [
                Table.Cell(tunnel["id"]?.shown), Table.Cell(tunnel["interface"]?.shown),
                Table.Cell(state, Tone(state: state)), Table.Cell(tunnel["listen_port"]?.shown),
                Table.Cell(tunnel["peer_count"]?.shown), Table.Cell(tunnel["address"]?.shown),
                Table.Cell(tunnel["name"]?.shown),
            ]
        }
        return table
    }
}
