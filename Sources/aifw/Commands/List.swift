internal import ArgumentParser
internal import Wire

/// `aifw vpn list`: everything there is.
struct List: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the VPN's tunnels and associations with their ids and states.")

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let tunnels = try client.list(["vpn", "wg"]).items
        let associations = try client.list(["vpn", "ipsec"]).items
        guard !output.json else {
            let document: JSON = .object([
                JSON.Member(name: "tunnels", value: .array(tunnels)),
                JSON.Member(name: "associations", value: .array(associations)),
            ])
            return try output.write(document: document.serialized)
        }
        guard !tunnels.isEmpty || !associations.isEmpty else {
            return output.note(
                """
                There is no tunnel and no association yet. Add one:
                aifw vpn wg-add --name office --address 10.0.0.1/24 --start
                aifw vpn ipsec-add --name office --src 203.0.113.1 --dst 198.51.100.1
                """)
        }
        try output.write(Self.table(tunnels, associations))
        WGList.explainErrors(tunnels, output)
        IPsecList.explainErrors(associations, output)
    }

    static func table(_ tunnels: [JSON], _ associations: [JSON]) -> Table {
        var table = Table([
            Table.Column("ID"), Table.Column("TYPE"), Table.Column("STATE"), Table.Column("LINK", folds: true),
            Table.Column("ADDRESS", folds: true), Table.Column("NAME"),
        ])
        table.rows =
            tunnels.map { row($0, "wireguard", link: $0["interface"]?.shown, address: $0["address"]?.shown) }
            + associations.map {
                row(
                    $0, "ipsec", link: IPsecList.protection($0), address: IPsecList.ends($0, "src_addr", "dst_addr"))
            }
        return table
    }

    private static func row(_ object: JSON, _ type: String, link: String?, address: String?) -> [Table.Cell] {
        let state = object["status"]?.text ?? ""
        return [
            Table.Cell(object["id"]?.shown), Table.Cell(type), Table.Cell(state, Tone(state: state)), Table.Cell(link),
            Table.Cell(address), Table.Cell(object["name"]?.shown),
        ]
    }
}
