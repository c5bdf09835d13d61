internal import ArgumentParser
internal import Wire

/// `aifw vpn ipsec-list`: the IPsec associations.
struct IPsecList: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "ipsec-list", abstract: "List the IPsec associations with their ids and states.")

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let listing = try client.list(["vpn", "ipsec"])
        guard !output.json else { return try output.write(document: listing.document) }
        guard !listing.items.isEmpty else {
            return output.note(
                """
                There is no association yet. Add one: aifw vpn ipsec-add --name office --src 203.0.113.1 \
                --dst 198.51.100.1
                """)
        }
        try output.write(Self.table(listing.items))
        Self.explainErrors(listing.items, output)
    }

    /// Says why associations are in error.
    static func explainErrors(_ associations: [JSON], _ output: Output) {
        for association in associations where association["status"]?.text == "error" {
            let reason = association["status_detail"]?.text ?? "no reason is known"
            output.note("\(association["name"]?.text ?? "?"): \(reason)")
        }
    }

    static func table(_ associations: [JSON]) -> Table {
        var table = Table([
            Table.Column("ID"), Table.Column("PROTOCOL"), Table.Column("STATE"), Table.Column("GATEWAYS", folds: true),
            Table.Column("NETWORKS", folds: true), Table.Column("NAME"),
        ])
        table.rows = associations.map { association in
            let state = association["status"]?.text ?? ""
            return [
                Table.Cell(association["id"]?.shown), Table.Cell(protection(association)),
                Table.Cell(state, Tone(state: state)), Table.Cell(ends(association, "src_addr", "dst_addr")),
                Table.Cell(ends(association, "src_networks", "dst_networks")), Table.Cell(association["name"]?.shown),
            ]
        }
        return table
    }

    /// `esp tunnel`, `ah transport`.
    static func protection(_ association: JSON) -> String? {
        let words = [association["protocol"]?.shown, association["mode"]?.shown].compactMap(\.self)
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    /// What is at this end and at the far one, `10.1.0.0/16 <> 10.2.0.0/16`; nil if neither is known.
    static func ends(_ object: JSON, _ local: String, _ remote: String) -> String? {
        let (near, far) = (object[local]?.shown, object[remote]?.shown)
        return near == nil && far == nil ? nil : "\(near ?? "-") <> \(far ?? "-")"
    }
}
