/// The faults found so far in one request, in the order in which they were found.
final class Faults {
    /// How many of the names that callers made up are listed; who sends something else altogether sends thousands.
    static let strayLimit = 50
    /// How much of such a name is quoted, in characters.
    static let nameLimit = 64
    /// Up to how many bytes a name or a word is compared with those that are known; none of them is nearly as long.
    private static let comparedLimit = 32

    private(set) var list: [Problem.Fault] = []
    private var strays = 0

    func add(_ field: String, _ detail: String) {
        list.append(Problem.Fault(field: field, detail: detail))
    }

    /// Adds a fault about a name that the caller made up: the name is shortened, and only the first ``strayLimit`` are
    /// listed, the others counted. `path` is the place of the object that has it (`peers[3].`).
    func addStray(_ name: String, in path: String = "", _ detail: @autoclosure () -> String) {
        strays += 1
        guard strays <= Self.strayLimit else { return }
        add(path + Self.short(name), detail())
    }

    /// Says that a name is not known here, and which known one is nearest to it; if none is near, which there are.
    func addUnknown(_ name: String, in path: String = "", known: Set<String>) {
        addStray(name, in: path, "is not known here" + Self.help(with: name, known))
    }

    /// Throws the 422 that lists them, if there is one.
    func check() throws(Problem) {
        if strays > Self.strayLimit {
            add("", "and \(strays - Self.strayLimit) more names are wrong")
            strays = Self.strayLimit
        }
        guard list.isEmpty else { throw Problem.invalid(list) }
    }

    /// Whether a name or a word is short enough to be one of ours. Others must not be hashed or compared: Swift normalizes texts
    /// for that, which takes quadratic time for one that is nothing but combining marks.
    static func isComparable(_ name: some StringProtocol) -> Bool { name.utf8.count <= comparedLimit }

    private static func short(_ name: String) -> String {
        let scalars = name.unicodeScalars
        guard !scalars.dropFirst(nameLimit).isEmpty else { return name }
        return String(String.UnicodeScalarView(scalars.prefix(nameLimit - 1))) + "…"
    }

    private static func help(with name: String, _ known: Set<String>) -> String {
        let suggestion = suggestion(for: name, known)
        guard suggestion.isEmpty, !known.isEmpty else { return suggestion }
        return "; what is: \(known.sorted().joined(separator: ", "))"
    }

    /// Words to put behind a name that is not known: the known one that is nearest to it, or nothing.
    static func suggestion(for name: String, _ known: Set<String>) -> String {
        guard isComparable(name) else { return "" }
        let most = max(2, name.utf8.count / 3)
        let nearest = known.map { (name: $0, distance: distance(name, $0, most: most)) }
            .filter { $0.distance <= most }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return nearest.map { "; did you mean \"\($0.name)\"?" } ?? ""
    }

    /// The number of characters to insert, drop or replace to get from one text to the other (Levenshtein); `most` + 1
    /// if the lengths alone say that it is more than `most`.
    static func distance(_ first: String, _ second: String, most: Int) -> Int {
        let (first, second) = (Array(first.utf8), Array(second.utf8))
        guard abs(first.count - second.count) <= most else { return most + 1 }
        var row = Array(0...second.count)
        for (i, left) in first.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in second.enumerated() {
                let replaced = diagonal + (left == right ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[second.count]
    }
}
