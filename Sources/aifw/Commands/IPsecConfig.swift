internal import ArgumentParser
internal import Wire

/// `aifw vpn ipsec-config`: what the far end of an association must be told.
struct IPsecConfig: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "ipsec-config",
        abstract: "Fetch the far end's configuration; it holds the association's keys.",
        discussion: """
            aifw vpn ipsec-config office -o far-end.sh
            aifw vpn ipsec-config office --json | ssh gw2 aifw vpn ipsec-add --from -

            The file of -o is readable by its owner only.
            """)

    @Argument(help: ArgumentHelp("The association: its id or name.", valueName: "id"))
    var association: String

    @Option(
        help: ArgumentHelp(
            """
            A shell script of `ip xfrm`, a file for `setkey -f`, or what another AiFw's `ipsec-add --from` takes \
            (default: xfrm; with --json json).
            """, valueName: "format"))
    var format: FarEndFormat?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write it to this file (mode 0600); - is standard output.", valueName: "file"))
    var output: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !common.json || format == nil || format == .json else {
            throw ValidationError("Give either --json or --format \(format?.rawValue ?? "").")
        }
    }

    func run(_ client: Client, _ terminal: Output) throws(Failure) {
        let format = format ?? (terminal.json ? .json : .xfrm)
        let destination = try ConfigurationDestination(output)
        let id = try client.associationID(association)
        let request = Request(
            .get, ["vpn", "ipsec", id, "config"], query: [(name: "format", value: format.rawValue)],
            accept: format.mediaType)
        let content = try client.send(request).body
        guard destination.isFile || format != .json else { return try terminal.write(document: content) }
        try destination.write(content, terminal)
        if destination.isFile, let output { terminal.note(format.advice(output)) }
    }
}
