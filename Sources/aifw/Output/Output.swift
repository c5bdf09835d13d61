internal import Glibc
internal import Wire

/// Where a command's results go: stdout for what was asked for, stderr for everything about it.
struct Output {
    /// Whether stdout is a terminal, which must not be steered by what it is shown.
    let isTerminal: Bool
    /// Whether states are painted: on a terminal, unless NO_COLOR is set (no-color.org) or TERM is `dumb`.
    let colour: Bool
    /// Whether the API's own JSON is asked for instead of text.
    let json: Bool

    init(json: Bool) {
        isTerminal = isatty(STDOUT_FILENO) == 1
        let refusesColour = Self.environment("NO_COLOR").map { !$0.isEmpty } ?? false
        colour = isTerminal && !refusesColour && Self.environment("TERM") != "dumb"
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
        guard isTerminal else {
            try Self.write(content, to: STDOUT_FILENO, named: "standard output")
            if content.isEmpty || content[content.count - 1] != UInt8(ascii: "\n") { try write("\n") }
            return
        }
        let text = JSONString(content).text.printable(keeping: ["\n", "\t"])
        try write(text.hasSuffix("\n") ? text : text + "\n")
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
