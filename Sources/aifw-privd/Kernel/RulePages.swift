internal import Wire

/// The parts of loaded rules while they are divided into frames.
struct RulePages {
    private let isWhole: Bool
    private var parts: [String] = []
    private var size = 0

    init(isWhole: Bool) { self.isWhole = isWhole }

    /// Takes a part; gives back the page before it if that is full now.
    mutating func add(_ part: String) -> ReadRules.Answer? {
        // With its quotes and comma. There is nothing to escape in it.
        let more = part.utf8.count + 3
        var full: ReadRules.Answer?
        if size + more > ReadRules.pageSize, !parts.isEmpty { full = take(more: true) }
        parts.append(part)
        size += more
        return full
    }

    /// The page that ends the answer.
    mutating func last() -> ReadRules.Answer { take(more: false) }

    private mutating func take(more: Bool) -> ReadRules.Answer {
        defer {
            parts = []
            size = 0
        }
        return ReadRules.Answer(isWhole: isWhole, parts: parts, more: more)
    }
}
