import Foundation
import Glibc

/// The built `aifw` executable, run as a user runs it.
enum Program {
    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Beside the test bundle, where the package manager puts both.
    static let path = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("aifw").path

    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - terminal: its stdout is a terminal, the other end of a pseudoterminal.
    ///   - columns: how wide the terminal says it is; 0 if it does not say.
    static func run(
        _ line: String, api: FakeAPI? = nil, environment: [String: String] = [:], terminal: Bool = false,
        columns: UInt16 = 0
    ) throws -> Result {
        try run(
            line.split(separator: " ").map(String.init), api: api, environment: environment, terminal: terminal,
            columns: columns)
    }

    /// The same, with its arguments one by one, and what it reads from standard input.
    static func run(
        _ arguments: [String], api: FakeAPI? = nil, environment: [String: String] = [:], terminal: Bool = false,
        columns: UInt16 = 0, input: String = ""
    ) throws -> Result {
        let folder = NSTemporaryDirectory() + "aifw-run-\(UUID().uuidString.prefix(8))"
        mkdir(folder, 0o700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var variables = environment
        if let api { variables["AIFW_API_SOCKET"] = api.socketPath }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        try input.write(toFile: folder + "/in", atomically: false, encoding: .utf8)
        posix_spawn_file_actions_addopen(&actions, 0, folder + "/in", O_RDONLY, 0)
        var screen: Int32 = -1
        if terminal {
            // As pts(4) has it; the functions of stdlib.h for this are hidden from Swift.
            screen = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
            var unlocked: Int32 = 0
            var number: UInt32 = 0
            guard ioctl(screen, 0x4004_5431, &unlocked) == 0, ioctl(screen, 0x8004_5430, &number) == 0 else {
                throw POSIXError(.ENOTTY)
            }
            var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
            guard ioctl(screen, UInt(TIOCSWINSZ), &size) == 0 else { throw POSIXError(.ENOTTY) }
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/pts/\(number)", O_RDWR | O_NOCTTY, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, folder + "/out", O_WRONLY | O_CREAT, 0o600)
        }
        posix_spawn_file_actions_addopen(&actions, 2, folder + "/err", O_WRONLY | O_CREAT, 0o600)

        var process: pid_t = 0
        var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        let result = posix_spawn(&process, path, &actions, nil, &argv, &envp)
        guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: result) ?? .EIO) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
        let output = terminal ? drain(screen) : (try? String(contentsOfFile: folder + "/out", encoding: .utf8)) ?? ""
        let errors = (try? String(contentsOfFile: folder + "/err", encoding: .utf8)) ?? ""
        return Result(status: code, output: output, errors: errors)
    }

    /// What the ended process left on the screen; the terminal has made every line break two characters.
    private static func drain(_ screen: Int32) -> String {
        defer { close(screen) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(screen, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\r\n", with: "\n")
    }
}
