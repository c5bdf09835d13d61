internal import ArgumentParser
internal import Glibc
internal import Wire

/// Where the passphrase of a backup comes from: typed on the terminal, which does not show it, or the first line of a file.
/// Never the command line, which every user of the machine can read.
struct PassphraseSource: ParsableArguments {
    private static let lengths = 12...1024

    @Option(
        help: ArgumentHelp(
            "Read the passphrase from this file, its first line; - is standard input.", valueName: "file"))
    var passphraseFile: String?

    /// In memory that is wiped, as a header field of the request.
    ///
    /// - Parameter isNew: asked for twice, for what is mistyped would open nothing.
    func field(isNew: Bool) throws(Failure) -> (name: String, value: Bytes) {
        let passphrase = try typed(isNew: isNew)
        let isPlain = passphrase.withUnsafeBytes { $0.allSatisfy { (0x20...0x7E).contains($0) } }
        guard Self.lengths.contains(passphrase.count), isPlain else {
            throw .wrongFile(
                path: passphraseFile ?? "standard input",
                reason:
                    "has no passphrase: \(Self.lengths.lowerBound) to \(Self.lengths.upperBound) printable characters of ASCII"
            )
        }
        return ("Backup-Passphrase", passphrase)
    }

    private func typed(isNew: Bool) throws(Failure) -> Bytes {
        if let passphraseFile {
            let file = try InputFile(passphraseFile, limit: Self.lengths.upperBound + 2)
            guard !file.isOpenToOthers else {
                throw .wrongFile(path: passphraseFile, reason: "can be read by others: chmod 600 it first")
            }
            return PasswordSource.firstLine(of: file.content)
        }
        guard isatty(STDIN_FILENO) == 1 else {
            throw .wrongFile(
                path: "standard input", reason: "is no terminal to ask for the passphrase on; give --passphrase-file")
        }
        let first = try PasswordSource.ask("Passphrase of the backup, which is not shown while you type: ")
        if isNew {
            guard try PasswordSource.ask("Once more: ") == first else {
                throw .wrongFile(path: "standard input", reason: "had two different passphrases; nothing was done")
            }
        }
        return first.withUTF8 { Bytes($0) }
    }
}
