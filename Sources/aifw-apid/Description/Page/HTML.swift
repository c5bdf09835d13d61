/// A piece of HTML: text gets into it escaped, or not at all.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    let text: String

    /// What is written here in the source is HTML.
    init(stringLiteral: String) { text = stringLiteral }

    init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    private init(raw: String) { text = raw }

    /// Pieces one after the other.
    static func joined(_ pieces: [HTML], by separator: HTML = "") -> HTML {
        HTML(raw: pieces.map(\.text).joined(separator: separator.text))
    }

    struct Interpolation: StringInterpolationProtocol {
        var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

        mutating func appendLiteral(_ literal: String) { text += literal }

        mutating func appendInterpolation(_ piece: HTML) { text += piece.text }

        mutating func appendInterpolation(_ plain: String) { text += HTML.escaped(plain) }

        mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { text += piece.text }
        }
    }

    /// Paragraphs that an empty line parts, with `code` in back-quotes.
    static func prose(_ text: String) -> HTML {
        .joined(text.split(separator: "\n\n").map { "<p>\(inline(String($0)))</p>" })
    }

    /// Words with `code` in back-quotes.
    static func inline(_ text: String) -> HTML {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
        return .joined(
            parts.enumerated().map { index, part in index % 2 == 1 ? "<code>\(part)</code>" : "\(part)" })
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
