internal import Wire

/// Where a configuration is to go: a file that only its owner may read, or standard output.
///
/// The file is made before the API is asked for anything: where that fails, no key is made that nobody then gets.
struct ConfigurationDestination {
    private let file: PrivateFile?

    /// - Parameter path: what the user gave by -o; nothing and `-` are standard output.
    init(_ path: String?) throws(Failure) {
        guard let path, path != "-" else {
            file = nil
            return
        }
        file = try PrivateFile(path)
    }

    /// Whether a path was given for it.
    var isFile: Bool { file != nil }

    /// Whether standard output stays free for other things: /dev/stdout is a path too.
    var leavesOutputFree: Bool { file.map { !$0.isStandardOutput } ?? false }

    /// Writes the configuration there.
    func write(_ content: Bytes, _ terminal: Output) throws(Failure) {
        if let file { try file.fill(with: content) } else { try terminal.write(content: content) }
    }

    /// Writes the configuration of a peer whose keys are new, and says where it is.
    ///
    /// - Parameter isOnlyTime: nobody can fetch it again.
    func write(_ content: Bytes, isOnlyTime: Bool, _ terminal: Output) throws(Failure) {
        do throws(Failure) {
            try write(content, terminal)
        } catch {
            if isOnlyTime { terminal.note("The configuration is lost: make another one by `aifw vpn wg-rotate`.") }
            throw error
        }
        if let file, leavesOutputFree { terminal.note("Its configuration is in \(file.path).") }
        if isOnlyTime { terminal.note("The server keeps no private key of it: this is the only time it is shown.") }
    }
}
