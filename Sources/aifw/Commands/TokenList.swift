internal import ArgumentParser
internal import Wire

/// `aifw token list`: which tokens there are; never the tokens themselves.
struct TokenList: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the tokens with their ids and scopes.")

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let listing = try client.list(["tokens"])
        guard !output.json else { return try output.write(document: listing.document) }
        guard !listing.items.isEmpty else {
            return output.note("There is no token yet. Make one: aifw token create --name ci")
        }
        var table = Table([
            Table.Column("ID"), Table.Column("SCOPES"), Table.Column("CREATED"), Table.Column("EXPIRES"),
            Table.Column("NAME"),
        ])
        table.rows = listing.items.map { token in
            ["id", "scopes", "created_at", "expires_at", "name"].map { Table.Cell(token[$0]?.shown) }
        }
        try output.write(table.rendered(colour: output.colour))
    }
}
