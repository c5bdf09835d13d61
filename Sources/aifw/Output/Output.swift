internal import Glibc
internal import Wire

/// Where a command's results go: stdout for what was asked for, stderr for everything about it.
struct Output {
    /// Whether stdout is a terminal, which must not be steered by what it is shown.
    let isTerminal: Bool
    /// Whether stdout is a terminal that takes control sequences: its TERM is not `dumb`.
    let takesSequences: Bool
    /// Whether states are painted: where sequences are taken, unless NO_COLOR is set (no-color.org).
    let colour: Bool
    /// Whether the API's own JSON is asked for instead of text.
    let json: Bool

    init(json: Bool) {
        isTerminal = isatty(STDOUT_FILENO) == 1
        let refusesColour = Self.environment("NO_COLOR").map { !$0.isEmpty } ?? false
        takesSequences = isTerminal && Self.environment("TERM") != "dumb"
        colour = takesSequences && !refusesColour
        self.json = json
    }

    /// Writes text made by this program, whose parts from elsewhere are made printable already.
    func write(_ text: String) throws(Failure) {
        try Self.write(Bytes(text.utf8), to: STDOUT_FILENO, named: "standard output")
    }

    /// Writes a JSON document of the API: the bytes as received; on a terminal laid out for reading.
    func write(document: Bytes) throws(Failure) {
        if isTerminal, let value = try? JSONParser.parse(document) {
            try write(value.pretty)
        } else {
            try write(content: document)
        }
    }

    /// Writes content of the API as received, ended by a line break; on a terminal without what could steer it.
    func write(content: Bytes) throws(Failure) {
        // Most content has nothing that must be escaped, and a key is not to be left in a String.
        guard isTerminal, !content.isPlain else {
            try Self.write(content, to: STDOUT_FILENO, named: "standard output")
            if content.isEmpty || content[content.count - 1] != UInt8(ascii: "\n") { try write("\n") }
            return
        }
        let text = JSONString(content).text.printable(keeping: ["\n", "\t"])
        try write(text.hasSuffix("\n") ? text : text + "\n")
    }

    /// Writes a drawing of this program's own, with its control sequences.
    func write(drawing: Bytes) throws(Failure) {
        try Self.write(drawing, to: STDOUT_FILENO, named: "standard output")
    }

    /// How many columns the terminal has; nil if stdout is none or it does not say (TIOCGWINSZ(2const)).
    var columns: Int? {
        var size = winsize()
        guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Says something about the result on stderr; not with `--json`, whose reader is a program.
    func note(_ text: String) {
        if !json { Self.complain(text) }
    }

    /// Writes a line or more to stderr; nothing can be done if that fails.
    static func complain(_ text: String) {
        try? write(Bytes((text.printable(keeping: ["\n"]) + "\n").utf8), to: STDERR_FILENO, named: "standard error")
    }

    /// Writes all of `bytes` to a descriptor (write(2)).
    static func write(_ bytes: Bytes, to descriptor: Int32, named name: String) throws(Failure) {
        try bytes.withUnsafeBytes { (all) throws(Failure) in
            var rest = all[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = Glibc.write(descriptor, part.baseAddress, part.count)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw .unwritableFile(path: name, errno: errno) }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// The value of an environment variable; nil if it is not set.
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

extension Bytes {
    /// Whether it is lines of printable ASCII characters only.
    fileprivate var isPlain: Bool {
        withUnsafeBytes { $0.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0A || $0 == 0x09 } }
    }
}
