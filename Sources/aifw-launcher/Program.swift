import CCap
import Daemon
import Glibc

/// A program as a file, with the files that the dynamic linker needs to start it.
struct Program {
    let path: String
    /// The linker itself, which is executed too; nil if the program is linked statically.
    private(set) var linker: String?
    private(set) var libraries: [String] = []

    /// Looks at the program; finds its libraries out by asking the dynamic linker (ld.so(8), `--list`), which reads the
    /// program and does not run it.
    ///
    /// - Parameter name: of the program, and of the option by which it is given.
    init(_ path: String, _ name: String) throws(StartupError) {
        self.path = path
        var status = stat()
        try check(stat(path, &status), "can't look at \(path); install \(name), or name it by --\(name)")
        guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o111 != 0 else {
            throw StartupError("\(path) is no program")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw StartupError("\(path) can be written by others than its owner; it would run with CAP_NET_ADMIN")
        }
        guard let output = ProgramOutput() else { throw StartupError("no memory for a program's output", errno: errno) }
        var process: pid_t = 0
        let code = Spawn.start(
            Self.dynamicLinker, ["ld.so", "--list", path], environment: [], Spawn.Streams(output: output.descriptor),
            &process)
        guard code == 0 else { throw StartupError("can't execute \(Self.dynamicLinker)", errno: code) }
        // A program that is linked statically, or is none of ours to load, is refused by it: then there is nothing to name.
        guard aifw_exit_status(Spawn.end(of: process)) == 0 else { return }
        for line in output.lines {
            let files = line.split(whereSeparator: \.isWhitespace).filter { $0.hasPrefix("/") }
            guard let file = files.last.map(String.init) else { continue }
            if file.split(separator: "/").last?.hasPrefix("ld-") == true {
                linker = file
            } else {
                libraries.append(file)
            }
        }
    }

    #if arch(x86_64)
        private static let dynamicLinker = "/lib64/ld-linux-x86-64.so.2"
    #else
        private static let dynamicLinker = "/lib/ld-linux-aarch64.so.1"
    #endif
}
