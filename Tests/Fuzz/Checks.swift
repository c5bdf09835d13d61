import Glibc

/// What every fuzz target has: an input is taken or not, and a property that does not hold ends the run.
enum Checks {
    /// Whether an input was taken for what the target reads; libFuzzer runs one thread.
    nonisolated(unsafe) private static var hasTaken = false

    /// Says that an input was taken, which packaging/fuzz wants to hear of: a target that refuses everything tests nothing.
    static func take() {
        guard !hasTaken else { return }
        hasTaken = true
        say("taken")
    }

    /// Ends the run, which libFuzzer reports with the input, unless `condition` holds.
    static func require(_ condition: Bool, _ words: @autoclosure () -> String) {
        if !condition { fail(words()) }
    }

    static func fail(_ words: String) -> Never {
        say("property: \(words)")
        abort()
    }

    /// What `body` gives; ends the run if it throws, which it never should here.
    static func must<Value>(_ words: @autoclosure () -> String, _ body: () throws -> Value) -> Value {
        do {
            return try body()
        } catch {
            fail("\(words()): \(error)")
        }
    }

    /// Whether every character shows, so that a text can't add a line to a journal.
    static func isOneLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
    }

    private static func say(_ words: String) {
        let line = Array("\(words)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
