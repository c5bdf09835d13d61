/// A command line taken apart into flags with a value (`--flag value`, `--flag=value`) and flags that stand alone.
package struct CommandLineWords {
    /// In the order given; a flag is there once.
    package private(set) var values: [(flag: String, value: String)] = []
    package private(set) var alone: Set<String> = []
    /// What is wrong; the program adds what is wrong with the values.
    package var faults: [String] = []

    package init(_ arguments: [String], valued: Set<String>, alone: Set<String>) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if alone.contains(argument) {
                self.alone.insert(argument)
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let flag = parts[0]
            guard valued.contains(flag) else {
                faults.append("unknown argument \"\(argument)\"")
                continue
            }
            let value = parts.count == 2 ? parts[1] : rest.popFirst()
            if values.contains(where: { $0.flag == flag }) {
                faults.append("\(flag) is given twice")
            } else if let value, !value.isEmpty {
                values.append((flag, value))
            } else {
                faults.append("\(flag) needs a value")
            }
        }
    }

    /// Adds what is wrong with the value of a flag that names a file by its whole path.
    ///
    /// - Parameter limit: how many bytes it may have; 107 for a socket (`sun_path` of unix(7) has 108 with its NUL).
    package mutating func checkPath(_ value: String, _ flag: String, limit: Int = 4095) {
        if value.utf8.count > limit {
            faults.append("\(flag) must have at most \(limit) bytes")
        } else if !value.hasPrefix("/") {
            faults.append("\(flag) must be an absolute path, not \"\(value)\"")
        }
    }

    /// - Throws: all faults at once, exit status 64.
    package func finish(_ program: String) throws(StartupError) {
        guard faults.isEmpty else {
            throw StartupError(faults.joined(separator: "; ") + "; see \(program) --help", exitStatus: 64)
        }
    }
}
