/// What is to be said of the lines of a file, in their order: so many of them are kept, the others counted.
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
        if !isFull { list.append(Notice(line: line, words: words)) }
        count += 1
    }
}
