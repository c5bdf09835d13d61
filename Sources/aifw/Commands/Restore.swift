internal import ArgumentParser
internal import Glibc
internal import Wire

/// `aifw restore`: what is configured becomes what a backup holds, after it was said what that changes.
struct Restore: APICommand {
    static let configuration = CommandConfiguration(
        abstract: "Make everything that is configured be what a backup holds.",
        discussion: """
            aifw restore /srv/gateway.backup

            What a backup does not have is deleted. What would be changed is shown first, and asked about. What is the same \
            is left alone: a running tunnel that does not change loses nothing.
            """)

    /// The most that the API takes.
    private static let limit = 64 << 20
    private static let kinds = ["tunnels", "peers", "associations", "tokens", "users", "webhooks"]

    @Argument(help: "The file of a backup.", completion: .file())
    var file: String

    @Flag(help: "Do not ask; needed where standard input is no terminal.")
    var yes = false

    @Flag(help: "Say what would be changed, and change nothing.")
    var dryRun = false

    @Flag(help: "Give new keys to tunnels whose own can't be had on this machine.")
    var newTunnelKeys = false

    @OptionGroup var source: PassphraseSource

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let content = try InputFile(file, limit: Self.limit).content
        guard content.count <= Self.limit else {
            throw .wrongFile(path: file, reason: "is longer than any backup: \(Self.limit) bytes at most")
        }
        if !yes, !dryRun, isatty(STDIN_FILENO) != 1 {
            throw .wrongFile(path: "standard input", reason: "is no terminal to ask on; give --yes or --dry-run")
        }
        let field = try source.field(isNew: false)
        if dryRun || !yes {
            let trial = try send(content, field, isTrial: true, client)
            try show(trial, output)
            guard !dryRun, try Self.isAgreed() else { return }
        }
        try show(try send(content, field, isTrial: false, client), output)
    }

    private func send(
        _ content: Bytes, _ field: (name: String, value: Bytes), isTrial: Bool, _ client: Client
    ) throws(Failure) -> Response {
        var query: [(name: String, value: String)] = isTrial ? [("dry_run", "true")] : []
        if newTunnelKeys { query.append(("new_tunnel_keys", "true")) }
        return try client.send(
            Request(
                .post, ["restore"], query: query, content: .file(content, type: "application/octet-stream"),
                fields: [field]),
            Progress(isTrial ? "reading" : "restoring", total: content.count))
    }

    private func show(_ response: Response, _ output: Output) throws(Failure) {
        let document = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        let data = document["data"] ?? .null
        let isTrial = data["dry_run"] == .bool(true)
        var lines = ["\(isTrial ? "Would become" : "Restored") the backup of \(data["backup_created_at"]?.text ?? "")"]
        for kind in Self.kinds {
            let counts = ["created", "updated", "deleted", "unchanged"].map { word in
                "\(data[kind]?[word]?.integer ?? 0) \(word)"
            }
            lines.append("  \(kind): \(counts.joined(separator: ", "))")
        }
        try output.write(lines.map { $0.printable + "\n" }.joined())
        output.warn(document)
    }

    /// Asks on the terminal; anything but a yes is a no.
    private static func isAgreed() throws(Failure) -> Bool {
        try Output.write(Bytes("Restore it? Type yes: ".utf8), to: STDERR_FILENO, named: "standard error")
        guard readLine() == "yes" else {
            Output.complain("aifw: nothing was changed")
            return false
        }
        return true
    }
}
