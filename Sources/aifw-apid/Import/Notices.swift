/// What is to be said of the lines of a file, in the order of the lines: so many are kept, the others counted.
struct Notices: Sendable {
    struct Notice: Sendable, Equatable {
        /// From 1; nil for the file as a whole.
        let line: Int?
        /// Words that follow the place.
        let words: String
    }

    /// The most that are kept.
    let limit: Int
    private(set) var list: [Notice] = []
    private(set) var count = 0

    init(limit: Int) { self.limit = limit }

    var isFull: Bool { count >= limit }

    mutating func add(_ line: Int?, _ words: String) {
        if !isFull {
            // What a section lacks is known at its end, and told where it begins.
            let place = list.lastIndex { ($0.line ?? 0) <= (line ?? 0) }.map { $0 + 1 } ?? 0
            list.insert(Notice(line: line, words: words), at: place)
        }
        count += 1
    }
}
