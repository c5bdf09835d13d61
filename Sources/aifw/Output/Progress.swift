internal import Glibc
internal import Wire

/// How far a long transfer has come, on one line of stderr that is written over; nothing where stderr is no terminal.
final class Progress {
    private let what: String
    /// Nil where nobody knows it beforehand.
    private let total: Int?
    private let isShown = isatty(STDERR_FILENO) == 1
    private var count = 0
    private var shown = -1

    init(_ what: String, total: Int? = nil) {
        self.what = what
        self.total = total
    }

    func add(_ bytes: Int) {
        count += bytes
        // A hundred times at most where the end is known, once for each 64 KiB else.
        let step = total.map { count * 100 / max($0, 1) } ?? count >> 16
        guard isShown, step != shown else { return }
        shown = step
        write("\r\(what): \(total.map { _ in "\(step) %, " } ?? "")\(Amounts.bytes(Int64(count)))\u{1B}[K")
    }

    /// Takes the line away.
    func end() {
        guard isShown, shown >= 0 else { return }
        shown = -1
        write("\r\u{1B}[K")
    }

    private func write(_ text: String) {
        try? Output.write(Bytes(text.utf8), to: STDERR_FILENO, named: "standard error")
    }
}
