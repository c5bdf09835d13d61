internal import ArgumentParser
internal import Wire

/// `aifw vpn ipsec-edit`: changes an association.
struct IPsecEdit: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "ipsec-edit",
        abstract: "Change an association; what is not given stays as it is.",
        discussion: """
            aifw vpn ipsec-edit office --dst-networks 10.2.0.0/16,10.3.0.0/16
            aifw vpn ipsec-edit office --new-keys

            Both ends must be changed: until the far end has its new configuration, packets are lost. An empty text \
            clears as --clear does: --src-networks "".
            """)

    static let flags = AssociationOptions.flags

    /// What can be cleared; the networks are then the two addresses.
    static let clearable = ["src_networks", "dst_networks"]

    /// What the far end has nothing to do with.
    private static let own = ["name", "replay_window"]

    @Argument(help: ArgumentHelp("The association: its id or name.", valueName: "id"))
    var association: String

    @OptionGroup var options: AssociationOptions

    @Flag(help: "Have all its keys made anew.")
    var newKeys = false

    @Option(
        help: ArgumentHelp(
            "What to clear, with commas between: src-networks, dst-networks.", valueName: "options"))
    var clear: [String] = []

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !newKeys || options.from == nil else { throw ValidationError("Give either --new-keys or --from.") }
        try edit.check(more: options.from != nil)
    }

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let file = try options.file()
        let edit = edit
        let id = try client.associationID(association)
        let body = file?.fields(under: edit.members) ?? edit.json
        let response = try client.send(Request(.patch, ["vpn", "ipsec", id], body: body))
        let document = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        let association = document["data"] ?? .null
        try output.write(Details(association: association).rendered(colour: output.colour))
        output.warn(document)
        if let file, file.hasKeys {
            file.advise(output)
        } else if file != nil || edit.members.contains(where: { !Self.own.contains($0.name) }) {
            let reference = Client.reference(to: association)
            output.note("Fetch the far end's configuration anew: aifw vpn ipsec-config \(reference) -o far-end.sh")
        }
    }

    private var edit: Edit {
        var edit = Edit(clearable: Self.clearable, flags: Self.flags)
        for field in options.fields { edit.set(field.name, field.value) }
        // No key is one that the server makes.
        if newKeys { for key in AssociationFile.keys { edit.set(key, JSON.null) } }
        edit.clear(clear)
        return edit
    }
}
