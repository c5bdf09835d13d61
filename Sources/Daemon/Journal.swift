import Glibc
import Wire

/// A privileged program's log: lines on standard error, for systemd's journal or a terminal.
///
/// What a client can cause is held to ``limit`` lines a second; then only their number is kept, and told later.
package struct Journal {
    package static let limit = 10

    private let sink: (String) -> Void
    private var second: Int64 = .min
    private var written = 0
    private var suppressed = 0

    /// - Parameter sink: where lines go; standard error if nothing else is said.
    package init(sink: @escaping (String) -> Void = Journal.write) { self.sink = sink }

    /// Logs a line that a client caused.
    ///
    /// - Parameter now: ``Clock/now``.
    package mutating func log(_ line: String, now: Int64) {
        flush(now: now)
        guard written < Self.limit else {
            suppressed += 1
            return
        }
        written += 1
        sink(line)
    }

    /// Logs a line that may not be left out, because something else holds down how many there are (``RevealBudget``).
    package func record(_ line: String) { sink(line) }

    /// Tells how many lines were left out, once their second is over.
    package mutating func flush(now: Int64) {
        guard now / 1000 != second else { return }
        second = now / 1000
        written = 0
        guard suppressed > 0 else { return }
        sink("\(suppressed) more lines were left out")
        suppressed = 0
    }

    /// Whether ``flush(now:)`` has something to tell.
    package var isHoldingBack: Bool { suppressed > 0 }

    /// The name of the running program, which stands before each line.
    private static let program = CommandLine.arguments[0].split(separator: "/").last.map(String.init) ?? "aifw"

    /// Writes one line to standard error.
    package static func write(_ text: String) {
        let bytes = Array("\(program): \(line(text))\n".utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }

    /// Writes one line to standard output, which a filter of system calls may leave nothing but write(2).
    package static func show(_ text: String) {
        let bytes = Array("\(line(text))\n".utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }

    /// The text as one line, whatever is in it: what does not print is replaced, and what is too long is cut. A reveal of
    /// 256 secrets, the longest line there is, fits.
    package static func line(_ text: String) -> String {
        var line = ""
        line.unicodeScalars.append(
            contentsOf: text.unicodeScalars.prefix(10_000).map { $0.isPrintable ? $0 : "\u{FFFD}" })
        return line
    }
}
