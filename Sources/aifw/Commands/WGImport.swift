internal import ArgumentParser
internal import Glibc
internal import Wire

/// `aifw vpn wg-import`: files of wg-quick become tunnels.
struct WGImport: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-import",
        abstract: "Import wg-quick configurations as tunnels, their keys and peers kept.",
        discussion: """
            aifw vpn wg-import /etc/wireguard/office.conf
            aifw vpn wg-import --dry-run *.conf

            Each file becomes a tunnel that is called as the file; of several files, all are imported or none. A zip with \
            .conf files will do too. Hooks (PreUp, PostUp, PreDown, PostDown), Table and SaveConfig are left out, and no \
            default route is installed. The new tunnels are down until `aifw vpn wg-start`. What would be made is shown \
            first; without --yes you are asked then.
            """)

    static let flags = ["files[0].name": "--name", "files[0].interface": "--interface"]

    @Argument(help: ArgumentHelp("The configurations; - is standard input.", valueName: "file"))
    var files: [String]

    @Option(help: "What the tunnel is called (default: as the file); for one file only.")
    var name: String?

    @Option(help: "Its interface (default: as the file if that is free, else the next free one); for one file only.")
    var interface: String?

    @Flag(help: "Only show what would be made.")
    var dryRun = false

    @Flag(help: "Import without asking.")
    var yes = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !files.isEmpty else { throw ValidationError("Give a file at least.") }
        guard files.count == 1 || name == nil && interface == nil else {
            throw ValidationError("--name and --interface are for one file.")
        }
        guard files.filter({ $0 == "-" }).count < 2 else {
            throw ValidationError("Standard input can be read once.")
        }
    }

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let asks = !yes && !dryRun
        if asks, files.contains("-") || isatty(STDIN_FILENO) != 1 {
            throw .wrongFile(
                path: "standard input",
                reason: "is no terminal to ask on: give --yes, or --dry-run to see what would be")
        }
        let input = try ImportFiles(files, name: name, interface: interface)
        if !yes {
            let response = try send(input, client, isDry: true)
            let outlook = try response.json()
            if !output.json {
                try output.write(Self.table(outlook, isDry: true))
                output.warn(outlook)
            } else if dryRun {
                try output.write(document: response.body)
            }
            guard asks else { return output.note("Nothing was changed.") }
            let count = outlook["data"]?.elements?.count ?? 0
            guard try Self.agrees(to: "Import \(count) tunnel\(count == 1 ? "" : "s")? [y/N] ") else {
                return Output.complain("Nothing was changed.")
            }
        }
        let response = try send(input, client, isDry: false)
        guard !output.json else { return try output.write(document: response.body) }
        let document = try response.json()
        try output.write(Self.table(document, isDry: false))
        if yes { output.warn(document) }
        for path in input.openPaths {
            output.note("aifw: warning: others than its owner may read \(path): whoever did has its keys.")
        }
        output.note("They are down. Start one: aifw vpn wg-start \(Self.firstInterface(document))")
    }

    private func send(_ input: ImportFiles, _ client: Client, isDry: Bool) throws(Failure) -> Response {
        try client.send(
            Request(
                .post, ["vpn", "wg", "import"], query: isDry ? [(name: "dry_run", value: "true")] : [],
                content: input.content))
    }

    /// Whether the answer on the terminal begins with a y.
    private static func agrees(to question: String) throws(Failure) -> Bool {
        try Output.write(Bytes(question.utf8), to: STDERR_FILENO, named: "standard error")
        return readLine()?.lowercased().hasPrefix("y") == true
    }

    private static func firstInterface(_ document: JSON) -> String {
        document["data"]?.elements?.first?["tunnel"]?["interface"]?.text ?? "wg0"
    }

    /// - Parameter isDry: what is not there yet has no id.
    static func table(_ document: JSON, isDry: Bool) -> Table {
        var table = Table(
            (isDry ? [] : [Table.Column("ID")]) + [
                Table.Column("INTERFACE"), Table.Column("PORT", alignsRight: true),
                Table.Column("PEERS", alignsRight: true), Table.Column("ADDRESS", folds: true),
                Table.Column("FILE", folds: true), Table.Column("NAME"),
            ])
        table.rows = (document["data"]?.elements ?? []).map { made in
            let tunnel = made["tunnel"] ?? .null
            return (isDry ? [] : [Table.Cell(tunnel["id"]?.shown)]) + [
                Table.Cell(tunnel["interface"]?.shown), Table.Cell(tunnel["listen_port"]?.shown),
                Table.Cell(tunnel["peer_count"]?.shown), Table.Cell(tunnel["address"]?.shown),
                Table.Cell(made["file"]?.shown), Table.Cell(tunnel["name"]?.shown),
            ]
        }
        return table
    }
}
