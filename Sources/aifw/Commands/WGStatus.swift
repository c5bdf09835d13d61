internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-status`: what the kernel says about a tunnel and its peers now.
struct WGStatus: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-status", abstract: "Show whether a tunnel runs, and how its peers fare.")

    @Argument(help: ArgumentHelp("The tunnel: its id, name or interface.", valueName: "id"))
    var tunnel: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let response = try client.send(Request(.get, ["vpn", "wg", try client.tunnelID(tunnel), "status"]))
        let status = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        try output.write(Self.text(status, colour: output.colour))
        for peer in status["peers"]?.elements ?? [] {
            guard let detail = peer["endpoint_detail"]?.text else { continue }
            output.note("\(peer["name"]?.shown ?? ""): \(detail)")
        }
    }

    static func text(_ status: JSON, colour: Bool) -> String {
        let running = status["running"] == .bool(true)
        var details = Details()
        details.add("interface", status["interface"]?.shown)
        details.add("running", running ? "yes" : "no", running ? .good : .faint)
        details.add("port", status["listen_port"]?.shown)
        details.add("public key", status["public_key"]?.shown)
        details.add("peers", status["peer_count"]?.shown)
        let peers = status["peers"]?.elements ?? []
        return details.rendered(colour: colour) + (peers.isEmpty ? "" : "\n" + table(peers).rendered(colour: colour))
    }

    private static func table(_ peers: [JSON]) -> Table {
        var table = Table([
            Table.Column("STATE"), Table.Column("HANDSHAKE"), Table.Column("RECEIVED", alignsRight: true),
            Table.Column("SENT", alignsRight: true), Table.Column("ENDPOINT"), Table.Column("ALLOWED IPS"),
            Table.Column("NAME"),
        ])
        table.rows = peers.map { peer in
            let state = peer["state"]?.text ?? ""
            return [
                Table.Cell(state, Tone(state: state)),
                Table.Cell(peer["latest_handshake_secs_ago"]?.integer.map(Amounts.age)),
                Table.Cell(peer["transfer_rx"]?.integer.map(Amounts.bytes)),
                Table.Cell(peer["transfer_tx"]?.integer.map(Amounts.bytes)),
                Table.Cell(peer["endpoint"]?.shown), Table.Cell(peer["allowed_ips"]?.shown),
                Table.Cell(peer["name"]?.shown),
            ]
        }
        return table
    }
}
