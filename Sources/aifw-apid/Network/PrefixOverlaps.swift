import Wire

/// Which of many prefixes overlap one of an earlier owner: found by one sort and one pass, however many there are.
///
/// Of two prefixes one lies within the other or they are apart. So in the order of their first addresses, the wider first,
/// what is around a prefix is on a stack when it comes, and what lies within it has come when it leaves the stack.
struct PrefixOverlaps {
    struct Entry: Sendable, Equatable {
        /// Whose it is: a place in a list.
        let owner: Int
        let prefix: Prefix
    }

    /// For each entry the overlapping one of the earliest other owner, if that comes before its own.
    static func earlier(than entries: [Entry]) -> [Entry?] {
        var result = [Entry?](repeating: nil, count: entries.count)
        var stack: [Node] = []
        func leave() {
            let node = stack.removeLast()
            let all = node.around.merged(node.own).merged(node.within)
            for index in node.entries {
                guard let other = all.earliest(besides: entries[index].owner), other.owner < entries[index].owner else {
                    continue
                }
                result[index] = other
            }
            guard !stack.isEmpty else { return }
            stack[stack.count - 1].within.add(node.own)
            stack[stack.count - 1].within.add(node.within)
        }
        for index in order(of: entries) {
            let entry = entries[index]
            while let top = stack.last, !top.prefix.contains(entry.prefix) { leave() }
            if stack.last?.prefix != entry.prefix {
                let around = stack.last.map { $0.around.merged($0.own) } ?? Earliest()
                stack.append(Node(prefix: entry.prefix, around: around))
            }
            stack[stack.count - 1].entries.append(index)
            stack[stack.count - 1].own.add(entry)
        }
        while !stack.isEmpty { leave() }
        return result
    }

    private static func order(of entries: [Entry]) -> [Int] {
        entries.indices.sorted { left, right in
            let (first, second) = (entries[left].prefix, entries[right].prefix)
            return (first.family.rawValue, first.address.bits, first.length)
                < (second.family.rawValue, second.address.bits, second.length)
        }
    }

    /// One prefix, with all who have it.
    private struct Node {
        let prefix: Prefix
        let around: Earliest
        var own = Earliest()
        var within = Earliest()
        var entries: [Int] = []
    }

    /// The entries of the two earliest owners: enough to find the earliest besides any one.
    private struct Earliest {
        private var first: Entry?
        private var second: Entry?

        mutating func add(_ entry: Entry) {
            guard let first else {
                self.first = entry
                return
            }
            guard entry.owner != first.owner else { return }
            if entry.owner < first.owner {
                (self.first, second) = (entry, first)
            } else if second.map({ entry.owner < $0.owner }) ?? true {
                second = entry
            }
        }

        mutating func add(_ other: Earliest) {
            if let entry = other.first { add(entry) }
            if let entry = other.second { add(entry) }
        }

        func merged(_ other: Earliest) -> Earliest {
            var all = self
            all.add(other)
            return all
        }

        func earliest(besides owner: Int) -> Entry? { first?.owner == owner ? second : first }
    }
}
