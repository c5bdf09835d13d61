/// The labels of one series, as they stand between the braces: `interface="wg0",state="online"`.
///
/// Written once a series, for values may be any text that a user typed.
struct MetricLabels: Sendable, Hashable {
    let text: String

    init(_ pairs: [(String, String)] = []) {
        text = pairs.map { "\($0)=\"\(Self.escape($1))\"" }.joined(separator: ",")
    }

    /// These and one more, whose value needs no escape.
    func with(_ name: String, _ value: String) -> String {
        text.isEmpty ? "\(name)=\"\(value)\"" : "\(text),\(name)=\"\(value)\""
    }

    /// A value as the text format has it: backslash, quote and line feed are escaped, all else is UTF-8 as it is.
    private static func escape(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += #"\\"#
            case "\"": escaped += #"\""#
            case "\n": escaped += #"\n"#
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
