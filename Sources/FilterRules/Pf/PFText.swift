public import Wire

/// The text of the anchor as pf takes it: a line a rule, each with its end of line.
public enum PFText {
    public static func anchor(_ rules: [PassRule]) -> String { text(PFAnchor(rules).lines) }

    /// The text after a change: rules of the labels that go are left out, new ones come last; all others stay as pf printed
    /// them.
    ///
    /// - Parameter present: what `pfctl -s nat` and `-s rules` printed. It may print one of our lines as several, with one
    ///   label.
    public static func changed(_ present: String, remove: [PassRule], add: [PassRule]) -> String {
        let added = PFAnchor(add).rules
        let gone = Set(remove.flatMap(PFRule.rules).map(\.label)).subtracting(added.map(\.label))
        let kept = lines(of: present).filter { line in label(of: line).map { !gone.contains($0) } ?? true }
        let there = Set(kept.compactMap(label))
        return text(ordered(kept.map(String.init) + added.filter { !there.contains($0.label) }.map(\.line)))
    }

    /// The labels in what `pfctl -s nat` and `-s rules` printed, each once, in their order.
    public static func parts(_ present: String) -> [String] {
        var seen: Set<String> = []
        return lines(of: present).compactMap(label).filter { seen.insert($0).inserted }
    }

    /// What translates first: pf takes it in no other order.
    fileprivate static func ordered(_ lines: [String]) -> [String] {
        lines.filter(translates) + lines.filter { !translates($0) }
    }

    private static func translates(_ line: some StringProtocol) -> Bool { line.hasPrefix("nat ") }

    /// The label of a printed rule, or the tag of one that translates; nil if it has none, and then it is none of ours.
    private static func label(of line: Substring) -> String? {
        guard !translates(line) else {
            let words = line.split(separator: " ")
            return words.firstIndex(of: "tag").flatMap { $0 + 1 < words.count ? String(words[$0 + 1]) : nil }
        }
        let pieces = line.split(separator: "\"", omittingEmptySubsequences: false)
        guard let place = pieces.firstIndex(where: { $0.hasSuffix("label ") }), place + 2 < pieces.count else {
            return nil
        }
        return String(pieces[place + 1])
    }

    private static func lines(of text: String) -> [Substring] { text.split(whereSeparator: \.isNewline) }

    private static func text(_ lines: [String]) -> String { lines.map { "\($0)\n" }.joined() }
}

/// Rules as lines of pf, each once.
private struct PFAnchor {
    let rules: [PFRule]

    init(_ rules: [PassRule]) {
        var seen: Set<String> = []
        self.rules = rules.flatMap(PFRule.rules).filter { seen.insert($0.label).inserted }
    }

    var lines: [String] { PFText.ordered(rules.map(\.line)) }
}
