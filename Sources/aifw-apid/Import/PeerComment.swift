import Wire

/// What a comment of a wg-quick(8) file says of a peer's name, in the ways in which programs and people write it.
///
/// Looked at by bytes: a text of combining marks takes quadratic time where it is compared by characters.
enum PeerComment: Equatable {
    /// It is the name: `# Name = laptop`, `# friendly_name = laptop`, `#+Alias = laptop`, `### Client laptop`,
    /// `# Client: laptop (id)`, `# BEGIN_PEER laptop`, `### begin laptop ###`.
    case name(String)
    /// It is some text, which may be the name: `# laptop`.
    case text(String)
    /// It is none: a setting that is commented out, the end of a peer, more than a name can be, or what may be a key.
    case other

    private static let labels = ["name", "friendly_name", "alias", "client", "peer"]
    /// The most bytes of a comment with a name in it.
    private static let limit = 512

    /// - Parameter line: from its `#` on.
    init(_ line: String) {
        let text = Self.trimmed(Substring(line), of: "#+ \t")
        guard line.utf8.count <= Self.limit, !text.isEmpty, !KeyLikeText.isIn(text.utf8) else {
            self = .other
            return
        }
        let closes = line.utf8.last == UInt8(ascii: "#")
        let word = Substring(text.utf8.prefix { $0 != 0x20 && $0 != 0x09 })
        let rest = Self.trimmed(text[word.endIndex...])
        let begins =
            Self.isWord(word, "begin_peer") || Self.isWord(word, "begin") && closes
            || Self.isWord(word, "client") && line.utf8.starts(with: "###".utf8)
        if Self.isWord(word, "end_peer") || Self.isWord(word, "end") && closes {
            self = .other
        } else if let labelled = Self.labelled(text) {
            self = labelled
        } else if !rest.isEmpty, begins {
            self = Self.named(rest)
        } else {
            self = Self.isName(text) ? .text(String(text)) : .other
        }
    }

    /// `name = laptop`, `client: laptop`; whatever else has an equals sign is a setting. Nil for what has no label.
    private static func labelled(_ text: Substring) -> PeerComment? {
        let equals = UInt8(ascii: "=")
        guard let sign = text.utf8.firstIndex(where: { $0 == equals || $0 == UInt8(ascii: ":") }) else { return nil }
        let label = trimmed(text[..<sign])
        guard labels.contains(where: { isWord(label, $0) }) else { return text.utf8.contains(equals) ? .other : nil }
        return named(trimmed(text[text.utf8.index(after: sign)...]))
    }

    /// wg-easy puts the id of a client in brackets behind its name.
    private static func named(_ text: Substring) -> PeerComment {
        var name = text
        if text.utf8.last == UInt8(ascii: ")"), let bracket = text.utf8.lastIndex(of: UInt8(ascii: "(")),
            (try? ObjectID(String(text[text.utf8.index(after: bracket)...].utf8.dropLast()) ?? "")) != nil
        {
            name = trimmed(text[..<bracket])
        }
        return isName(name) ? .name(String(name)) : .other
    }

    // MARK: Bytes

    private static func isName(_ text: Substring) -> Bool { (try? ObjectName(String(text))) != nil }

    /// Whether it is this word of lower case, in whatever case.
    private static func isWord(_ text: Substring, _ word: String) -> Bool {
        text.utf8.elementsEqual(word.utf8) { $0 == $1 || (0x41...0x5A).contains($0) && $0 | 0x20 == $1 }
    }

    private static func trimmed(_ text: Substring, of marks: String = " \t") -> Substring {
        let isMark: (UInt8) -> Bool = { marks.utf8.contains($0) }
        let start = text.utf8.drop(while: isMark)
        let end = start.lastIndex { !isMark($0) }.map { start.index(after: $0) } ?? start.startIndex
        return Substring(start[..<end])
    }
}
