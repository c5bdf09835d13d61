internal import ArgumentParser
internal import Glibc
internal import Wire

/// Where a new password comes from: typed twice on the terminal, which does not show it, or standard input. Never the
/// command line, which every user of the machine can read.
struct PasswordSource: ParsableArguments {
    /// As many bytes as the API takes, and a line break.
    private static let limit = 1026

    @Flag(name: .customLong("password-stdin"), help: "Read the password from standard input: its first line.")
    var readsInput = false

    /// In memory that is wiped.
    func password() throws(Failure) -> JSON {
        guard !readsInput else {
            return .string(JSONString(Self.firstLine(of: try InputFile("-", limit: Self.limit).content)))
        }
        guard isatty(STDIN_FILENO) == 1 else {
            throw .wrongFile(
                path: "standard input",
                reason: "is no terminal to ask for the password on; give --password-stdin to read it")
        }
        let first = try Self.ask("New password, which is not shown while you type: ")
        let second = try Self.ask("Once more: ")
        guard first == second else {
            throw .wrongFile(path: "standard input", reason: "had two different passwords; nothing was changed")
        }
        return .string(first)
    }

    /// One line of the terminal, which does not show it (termios(3)).
    ///
    /// Ctrl-C is read like any letter, so that the caller can leave everything as it was, this terminal first of all.
    static func ask(_ question: StaticString) throws(Failure) -> JSONString {
        var terminal = termios()
        guard tcgetattr(STDIN_FILENO, &terminal) == 0 else { throw .unreadableFile(path: "the terminal", errno: errno) }
        var silent = terminal
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
        let (interrupt, others) = withUnsafeMutableBytes(of: &silent.c_cc) { letters in
            // It ends a line, so that it is read at once.
            letters[Int(VEOL)] = letters[Int(VINTR)]
            return (letters[Int(VINTR)], [letters[Int(VQUIT)], letters[Int(VSUSP)]])
        }
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else {
            throw .unreadableFile(path: "the terminal", errno: errno)
        }
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal) }
        let prompt = Bytes()
        prompt.append(question)
        try Output.write(prompt, to: STDERR_FILENO, named: "standard error")
        let text = Bytes(capacity: limit)
        while text.count < limit {
            var letter: UInt8 = 0
            let count = read(STDIN_FILENO, &letter, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw .unreadableFile(path: "the terminal", errno: count == 0 ? EIO : errno) }
            if letter == UInt8(ascii: "\n") { break }
            if letter == interrupt {
                Output.complain("")
                throw .givenUp
            }
            if !others.contains(letter) { text.append(letter) }
        }
        try Output.write(Bytes("\n".utf8), to: STDERR_FILENO, named: "standard error")
        return JSONString(text)
    }

    /// The bytes before the first line break.
    static func firstLine(of content: Bytes) -> Bytes {
        let line = Bytes(capacity: content.count)
        content.withUnsafeBytes { all in
            let end = all.firstIndex(of: UInt8(ascii: "\n")) ?? all.endIndex
            line.append(UnsafeRawBufferPointer(rebasing: all[..<end]))
        }
        return line
    }
}
