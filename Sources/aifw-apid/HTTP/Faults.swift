/// The faults found so far in one request, in the order in which they were found.
final class Faults {
    private(set) var list: [Problem.Fault] = []

    func add(_ field: String, _ detail: String) {
        list.append(Problem.Fault(field: field, detail: detail))
    }

    /// Throws the 422 that lists them, if there is one.
    func check() throws(Problem) {
        guard list.isEmpty else { throw Problem.invalid(list) }
    }

    /// Says that a name is not known here, and which known one is nearest to it.
    func addUnknown(_ name: String, at field: String, known: Set<String>) {
        let most = max(2, name.count / 3)
        let nearest = known.map { (name: $0, distance: Self.distance(name, $0, most: most)) }
            .filter { $0.distance <= most }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        add(field, "is not known here" + (nearest.map { "; did you mean \"\($0.name)\"?" } ?? ""))
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
