internal import ArgumentParser
internal import Wire

/// `aifw backup`: everything that is configured, in one file that a passphrase opens.
struct Backup: APICommand {
    static let configuration = CommandConfiguration(
        abstract: "Write everything that is configured to a file that a passphrase opens.",
        discussion: """
            aifw backup /srv/gateway.backup
            aifw backup - | ssh vault 'cat > gateway.backup'

            The file is readable by its owner only and holds clients' keys. On another machine tunnels keep their keys only \
            with the recovery code (aifw-privd --recovery-init); what would be lost is told.
            """)

    @Argument(help: "The file to write; - is standard output.", completion: .file())
    var file: String

    @Flag(help: "Replace the file if it is there.")
    var force = false

    @OptionGroup var source: PassphraseSource

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        // Where it can't be written, nobody is asked for a passphrase.
        let destination = try PrivateFile(file, replaces: force)
        guard !destination.isTerminal else {
            throw .wrongFile(path: destination.path, reason: "is a terminal, and a backup is no text: give a file")
        }
        guard !destination.isStandardOutput || !output.json else {
            throw .wrongFile(path: destination.path, reason: "has the backup, so there is no place for --json")
        }
        let request = Request(
            .get, ["backup"], accept: "application/octet-stream", content: nil,
            fields: [try source.field(isNew: true)])
        let response = try client.send(request, Progress("backing up"))
        try destination.fill(with: response.body)
        let warnings = (response.field("backup-warnings") ?? "").split(separator: ",").map { Request.unescaped($0) }
        guard !output.json else {
            return try output.write(
                document: JSON.object([
                    .init(
                        name: "data",
                        value: ["file": .text(file), "bytes": .integer(Int64(response.body.count))]),
                    .init(name: "warnings", value: .array(warnings.map(JSON.text))),
                ]).serialized)
        }
        let done = "Backup written: \(destination.path.printable), \(Amounts.bytes(Int64(response.body.count)))"
        if destination.isStandardOutput { output.note(done) } else { try output.write(done + "\n") }
        output.warn(["warnings": .array(warnings.map(JSON.text))])
    }
}
