internal import Wire

extension JSON {
    /// The value with a line for each member, two spaces a level, and nothing in it that could steer a terminal.
    var pretty: String { pretty(indent: "") + "\n" }

    private func pretty(indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .array(let elements) where !elements.isEmpty:
            return "[\n" + elements.map { inner + $0.pretty(indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { "\(inner)\(JSON.text($0.name).oneLine): \($0.value.pretty(indent: inner))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        default:
            return oneLine
        }
    }

    /// The value without white space; steering characters that JSON would let through are escaped as JSON has it.
    private var oneLine: String {
        let text = JSONString(serialized).text
        guard text.unicodeScalars.contains(where: \.isSteering) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            guard scalar.isSteering else { return result.unicodeScalars.append(scalar) }
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }

    /// A text or number as a table shows it; nil for null, a missing member and everything else.
    var shown: String? {
        switch self {
        case .string(let string): string.text
        case .integer(let value): String(value)
        case .number(let text): text
        case .bool(let value): value ? "yes" : "no"
        case .array(let elements): elements.compactMap(\.shown).joined(separator: ", ")
        case .null, .object: nil
        }
    }
}
