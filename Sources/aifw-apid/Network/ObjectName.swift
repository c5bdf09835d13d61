import Wire

/// The name that a user gave a tunnel, a peer or a token: 1 to 64 printable characters, with no white space around them.
///
/// Control characters, those that change direction and those that do not show are refused, so that a name looks like what
/// it is in every list. Two names are the same if Unicode calls them canonically equivalent (UAX #15), as Swift's `==`
/// does; the text stays as it was typed. A name never reaches a configuration, a rule or a command.
struct ObjectName: TextValue {
    /// The most Unicode scalars of a name.
    static let limit = 64

    let description: String

    init(_ text: String) throws(ValueError) {
        guard !text.unicodeScalars.allSatisfy(\.properties.isWhitespace) else { throw ValueError("must not be blank") }
        guard text.unicodeScalars.count <= Self.limit else {
            throw ValueError("must have at most \(Self.limit) characters, not \(text.unicodeScalars.count)")
        }
        guard text.unicodeScalars.allSatisfy(\.isPrintable) else {
            throw ValueError("must have printable characters only, no control, direction-changing or invisible ones")
        }
        guard text.first?.isWhitespace == false, text.last?.isWhitespace == false else {
            throw ValueError("must not begin or end with white space")
        }
        description = text
    }

    /// Whether `search` is a part of it, in upper or lower case. Byte for byte, as in the lists that SQLite searches: whatever a
    /// caller looks for, it is not put into normal form, which can take long (``Faults/isComparable(_:)``).
    func holds(_ search: String) -> Bool { description.lowercased().utf8.contains(search.lowercased().utf8) }
}
