import CCap
import Daemon
import Glibc

/// pfctl(8), for the anchor `aifw-vpn` and nothing else: its words are fixed, rules come on its standard input.
struct Pfctl {
    static let standardDevice = "/dev/pf"
    /// How long it may take, in milliseconds.
    static let patience: Int64 = 5_000

    private static let anchor = ["pfctl", "-a", "aifw-vpn"]

    let program: String
    let patience: Int64

    init(program: String, patience: Int64 = Pfctl.patience) {
        self.program = program
        self.patience = patience
    }

    /// Loads the text as all rules of the anchor: pf takes it whole, or leaves what was there.
    func load(_ text: [UInt8]) -> (reply: LauncherReply, text: [UInt8]) { run(Self.anchor + ["-f", "-"], text) }

    /// Prints the rules of the anchor, with numbers for names: first those that translate, as a file has them.
    func show() -> (reply: LauncherReply, text: [UInt8]) {
        let (reply, first) = run(Self.anchor + ["-P", "-s", "nat"], nil)
        guard case .printed = reply else { return (reply, first) }
        let (last, rest) = run(Self.anchor + ["-P", "-s", "rules"], nil)
        guard case .printed = last else { return (last, rest) }
        let all = first + rest
        return all.count <= Packets.textLimit ? (.printed(length: all.count), all) : (.failed(EFBIG), [])
    }

    private func run(_ words: [String], _ input: [UInt8]?) -> (reply: LauncherReply, text: [UInt8]) {
        guard let output = ProgramOutput(size: Packets.textLimit), let errors = ProgramOutput() else {
            return (.failed(errno), [])
        }
        var file: Int32 = -1
        if let input {
            file = Self.memory(of: input)
            guard file >= 0 else { return (.failed(errno), []) }
        }
        defer { if file >= 0 { close(file) } }
        let streams = Spawn.Streams(
            input: file >= 0 ? file : nil, output: output.descriptor, errors: errors.descriptor)
        var process: pid_t = 0
        let code = Spawn.start(program, words, environment: [], streams, &process)
        guard code == 0 else { return (.failed(code), []) }
        guard let status = wait(for: process) else { return (.late, []) }
        let said = errors.bytes
        guard aifw_signal(status) == 0 else { return (.killed(aifw_signal(status)), []) }
        // pfctl warns of what it then does nevertheless, and of that with status 0.
        guard aifw_exit_status(status) == 0, !Self.tellsOfAnError(said) else {
            return said.isEmpty
                ? (.exited(aifw_exit_status(status)), []) : (.complained(length: said.count), said)
        }
        guard !output.isFull else { return (.failed(EFBIG), []) }
        let printed = output.bytes
        return (.printed(length: printed.count), printed)
    }

    /// Its wait status; nil if it was late and has been ended.
    private func wait(for process: pid_t) -> Int32? {
        let descriptor = aifw_pidfd_open(process)
        defer { if descriptor >= 0 { close(descriptor) } }
        let end = Clock.now + patience
        var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        var ready: Int32 = 0
        repeat {
            ready = descriptor < 0 ? 0 : poll(&event, 1, Int32(clamping: max(0, end - Clock.now)))
        } while ready < 0 && errno == EINTR
        if ready <= 0 { kill(process, SIGKILL) }
        let status = Spawn.end(of: process)
        return ready > 0 ? status : nil
    }

    private static func tellsOfAnError(_ said: [UInt8]) -> Bool {
        let words = String(decoding: said, as: UTF8.self).lowercased()
        return words.split { !$0.isLetter }.contains { $0 == "error" || $0 == "errors" }
    }

    /// A file in memory with these bytes, to be read from its start; -1 and errno if there is none.
    private static func memory(of bytes: [UInt8]) -> Int32 {
        let descriptor = aifw_memory_file()
        guard descriptor >= 0 else { return -1 }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(written))
            }
            guard count > 0 else {
                let code = errno
                close(descriptor)
                errno = code
                return -1
            }
            written += count
        }
        return descriptor
    }
}
