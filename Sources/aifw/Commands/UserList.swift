internal import ArgumentParser
internal import Wire

/// `aifw user list`: who may log in, and what each may do.
struct UserList: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the users with their ids and scopes.")

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let listing = try client.list(["users"])
        guard !output.json else { return try output.write(document: listing.document) }
        guard !listing.items.isEmpty else {
            return output.note("There is no user yet. Make the first administrator: aifw admin setup-code")
        }
        var table = Table([
            Table.Column("ID"), Table.Column("SCOPES"), Table.Column("TOTP"), Table.Column("LAST LOG-IN"),
            Table.Column("NAME"),
        ])
        table.rows = listing.items.map { user in
            ["id", "scopes", "has_totp", "last_login_at", "username"].map { Table.Cell(user[$0]?.shown) }
        }
        try output.write(table.rendered(colour: output.colour))
    }
}
