internal import ArgumentParser
internal import Wire

/// What an edit is to change: the members of a merge patch (RFC 7396), in which null clears and what is left out stays.
struct Edit {
    /// The fields that can be cleared, in the order in which they are named to the user.
    private let clearable: [String]
    /// Which option each field is given by.
    private let flags: [String: String]
    private(set) var members: [JSON.Member] = []
    private var unknown: [String] = []

    init(clearable: [String], flags: [String: String]) {
        self.clearable = clearable
        self.flags = flags
    }

    /// Sets a field unless there is no value.
    mutating func set(_ field: String, _ value: JSON?) {
        guard let value else { return }
        members.append(JSON.Member(name: field, value: value))
    }

    /// Sets a field to a text unless there is none; an empty one clears what can be cleared.
    mutating func set(_ field: String, _ text: String?) {
        set(field, text.map { $0.isEmpty && clearable.contains(field) ? .null : .text($0) })
    }

    /// Sets a field to the parts of a comma-separated list unless there is none.
    mutating func set(_ field: String, list: String?) {
        set(field, list.map { $0.isEmpty && clearable.contains(field) ? .null : Body.entries($0) })
    }

    mutating func set(_ field: String, _ number: Int?) {
        set(field, number.map { .integer(Int64($0)) })
    }

    /// Clears what is named by options without their dashes, each list with commas between.
    mutating func clear(_ lists: [String]) {
        for name in lists.flatMap({ $0.split(separator: ",") }) {
            if let field = clearable.first(where: { word(for: $0) == name }) {
                set(field, JSON.null)
            } else {
                unknown.append(String(name))
            }
        }
    }

    /// Throws the first fault that needs no API to be seen.
    ///
    /// - Parameter more: whether there is something to change that is read from a file later.
    func check(more: Bool = false) throws {
        if let name = unknown.first {
            let words = clearable.map { word(for: $0) }.joined(separator: ", ")
            throw ValidationError("--clear can't clear \"\(name)\"; it can clear \(words).")
        }
        guard more || !members.isEmpty else { throw ValidationError("Say what to change: there is no option for it.") }
        var seen: Set<String> = []
        for member in members where !seen.insert(member.name).inserted {
            throw ValidationError("\(flags[member.name] ?? member.name) is both set and cleared, or cleared twice.")
        }
    }

    /// Whether the field is set or cleared.
    func changes(_ field: String) -> Bool { members.contains { $0.name == field } }

    var json: JSON { .object(members) }

    private func word(for field: String) -> String {
        flags[field].map { String($0.drop { $0 == "-" }) } ?? field
    }
}
