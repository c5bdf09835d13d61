internal import Wire

/// The members of a request's body: only what the user gave, so that the API's defaults stay the API's.
struct Body {
    private(set) var members: [JSON.Member] = []

    /// Adds a member unless there is no value.
    mutating func add(_ name: String, _ value: JSON?) {
        guard let value else { return }
        members.append(JSON.Member(name: name, value: value))
    }

    /// Adds a text unless there is none.
    mutating func add(_ name: String, _ text: String?) {
        add(name, text.map { .text($0) })
    }

    /// Adds a whole number unless there is none.
    mutating func add(_ name: String, _ number: Int?) {
        add(name, number.map { .integer(Int64($0)) })
    }

    var json: JSON { .object(members) }

    /// A number that may be written in other ways than decimal, which are the API's to read.
    static func number(_ text: String) -> JSON {
        Int64(text).map { .integer($0) } ?? .text(text)
    }

    /// The parts of a comma-separated list, so that the API's faults can say which entry is meant.
    static func entries(_ list: String) -> JSON {
        .array(list.split(separator: ",", omittingEmptySubsequences: false).map { .text(trimmed($0)) })
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " }
        let end = start.lastIndex { $0 != " " }.map { start.index(after: $0) } ?? start.startIndex
        return String(start[..<end])
    }
}
