import Glibc
import Logging
import Wire

/// The log: one line an entry on standard error, `TIME LEVEL LABEL: key=value … message`, which the journal keeps.
///
/// Whatever is in a value, it can't end its line, look like another key, or move a terminal's cursor: a value is written
/// as it is only if it has none but the characters of addresses, paths and words. Others are in quotes, with `\n`, `\"`,
/// `\\` and `\u{…}` for what does not print, and shortened to ``limit`` characters.
struct JournalLog: LogHandler {
    static let limit = 1000

    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    /// Where a line goes.
    var write: @Sendable (String) -> Void = Self.toStandardError

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var pairs = metadata.merging(event.metadata ?? [:]) { $1 }
        if let error = event.error { pairs["error"] = .string("\(error)") }
        let words = pairs.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.text($0.value)) " }.joined()
        write("\(Self.time()) \(event.level) \(label): \(words)\(Self.escaped("\(event.message)"))\n")
    }

    // MARK: Values

    /// A value as it is written.
    static func text(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): word(text)
        case .stringConvertible(let value): word("\(value)")
        case .array(let values): "[" + values.map { quoted("\($0)") }.joined(separator: ", ") + "]"
        case .dictionary(let values):
            "{"
                + values.sorted { $0.key < $1.key }.map { "\(quoted($0.key)): \(text($0.value))" }
                .joined(separator: ", ") + "}"
        }
    }

    private static func word(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.count <= limit && text.utf8.allSatisfy(isPlain)
        return isPlain ? text : quoted(text)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "-._/:@%+,~*!$&();?#".utf8.contains(byte)
        }
    }

    private static func quoted(_ text: String) -> String { "\"\(escaped(text, quotes: true))\"" }

    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < limit else {
                result += "…"
                break
            }
            count += 1
            switch scalar {
            case "\n": result += "\\n"
            case "\"" where quotes, "\\" where quotes: result += "\\\(scalar)"
            default:
                if scalar.isPrintable {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += "\\u{\(String(scalar.value, radix: 16))}"
                }
            }
        }
        return result
    }

    // MARK: The line

    /// RFC 3339 in UTC, with milliseconds.
    private static func time() -> String {
        let (seconds, millisecond) = Timestamp.now.milliseconds.quotientAndRemainder(dividingBy: 1000)
        var second = time_t(seconds)
        var parts = tm()
        gmtime_r(&second, &parts)
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "\(date)T\(clock).\(String(1000 + millisecond).dropFirst())Z"
    }

    /// One write a line, so that those of two threads are not mixed. Nobody is left to be told if it fails.
    private static let toStandardError: @Sendable (String) -> Void = { line in
        var line = line
        line.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
