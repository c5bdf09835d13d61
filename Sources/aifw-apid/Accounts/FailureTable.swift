/// How often something has failed lately, for more names than there is memory for: a fixed number of counters, and what it
/// says of a name is never less than what is so.
///
/// The counters stand in sets of eight; a name's set is drawn by a hash whose key nobody knows. Where a set is full, a new
/// name takes the counter of the one that failed least, and goes on from that number ("Space-Saving": Metwally, Agrawal, El
/// Abbadi, 2005). So whoever fills the table takes no failure away from anybody: he makes all others look worse instead, which
/// costs them a bounded delay. A counter halves each ``halfLife``.
struct FailureTable {
    static let sets = 512
    static let ways = 8
    static let halfLife: Int64 = 5 * 60_000
    /// Beyond this a counter says nothing more.
    static let most = 32

    /// What is known of a name.
    struct Finding: Equatable {
        var failures: Int
        /// When the last of them was; nil if the name has no counter of its own.
        var last: Timestamp?
    }

    private struct Counter {
        var name: UInt64 = 0
        var failures: UInt8 = 0
        var last: Int64 = .min

        func failures(at time: Int64) -> Int {
            guard failures > 0 else { return 0 }
            // A clock that was set back does not make a failure younger than none.
            let halvings = max(time - last, 0) / FailureTable.halfLife
            return halvings > 8 ? 0 : Int(failures) >> Int(halvings)
        }
    }

    private var counters = [Counter](repeating: Counter(), count: sets * ways)

    /// What is known of the name with this hash.
    func finding(_ name: UInt64, at time: Timestamp) -> Finding {
        let set = set(of: name)
        let now = time.milliseconds
        if let index = set.first(where: { counters[$0].failures > 0 && counters[$0].name == name }) {
            return Finding(
                failures: counters[index].failures(at: now), last: Timestamp(milliseconds: counters[index].last))
        }
        return Finding(failures: set.map { counters[$0].failures(at: now) }.min() ?? 0, last: nil)
    }

    /// Counts a failure.
    mutating func add(_ name: UInt64, at time: Timestamp) {
        let set = set(of: name)
        let now = time.milliseconds
        let index =
            set.first { counters[$0].failures > 0 && counters[$0].name == name }
            ?? set.min { counters[$0].failures(at: now) < counters[$1].failures(at: now) } ?? set.lowerBound
        let failures = min(counters[index].failures(at: now) + 1, Self.most)
        counters[index] = Counter(name: name, failures: UInt8(failures), last: now)
    }

    /// Takes one back that was none in the end.
    mutating func remove(_ name: UInt64) {
        guard let index = set(of: name).first(where: { counters[$0].failures > 0 && counters[$0].name == name }) else {
            return
        }
        counters[index].failures -= 1
    }

    private func set(of name: UInt64) -> Range<Int> {
        let start = Int(name % UInt64(Self.sets)) * Self.ways
        return start..<start + Self.ways
    }
}
