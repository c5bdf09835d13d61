internal import ArgumentParser
internal import Wire

/// `aifw webhook list`: which webhooks there are, and how their deliveries fare.
struct WebhookList: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the webhooks, and how their deliveries fare.")

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let listing = try client.list(["webhooks"])
        guard !output.json else { return try output.write(document: listing.document) }
        guard !listing.items.isEmpty else {
            return output.note("There is no webhook yet. Add one: aifw webhook add --name inventory --url https://…")
        }
        var table = Table([
            Table.Column("ID"), Table.Column("STATUS"), Table.Column("PENDING"), Table.Column("LAST DELIVERY"),
            Table.Column("NAME"), Table.Column("URL"),
        ])
        table.rows = listing.items.map { webhook in
            ["id", "status", "pending", "last_delivery_at", "name", "url"].map { member in
                let isPaused = member == "status" && webhook["enabled"] == false && webhook["status"]?.text == "ok"
                return Table.Cell(isPaused ? "disabled" : webhook[member]?.shown)
            }
        }
        try output.write(table.rendered(colour: output.colour))
        for webhook in listing.items {
            guard let error = webhook["last_error"]?.text else { continue }
            output.note("\(webhook["name"]?.text ?? ""): \(error)")
        }
    }
}
