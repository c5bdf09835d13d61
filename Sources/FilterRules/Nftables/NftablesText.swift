public import Wire

/// The anchor as nft(8) takes it: commands that are one transaction together.
public enum NftablesText {
    public static let tableName = "aifw"
    static let table = "inet \(tableName)"

    /// The whole anchor: whatever was in it goes. Base chains are left to the host.
    public static func script(_ rules: [PassRule]) -> String { reset(rules, makesBase: false) }

    /// Makes the anchor anew, with these rules and no other.
    ///
    /// - Parameter makesBase: whether the base chains are made too, which accept what nothing else does: where the table is
    ///   missing, so that nobody else jumps to the anchor.
    public static func reset(_ rules: [PassRule], makesBase: Bool) -> String {
        // Chains before sets: a set with rules over it can't be of another type.
        var lines = ["add table \(table)"]
        for chain in NftablesRule.Chain.allCases {
            lines.append("add chain \(table) \(chain.rawValue)")
            lines.append("flush chain \(table) \(chain.rawValue)")
        }
        lines.append("delete chain \(translationChain)")
        for set in NftablesSet.allCases {
            lines.append("add set \(table) \(set.rawValue) { \(set.type); size \(set.size); }")
            lines.append("flush set \(table) \(set.rawValue)")
        }
        lines += NftablesRule.all.filter { $0.chain != .translation }.map(\.command)
        if makesBase { lines += base }
        let elements = elements(of: rules)
        return text(lines + translation(for: elements) + commands("add", elements))
    }

    /// Removes rules and adds others.
    ///
    /// An element that is to go and is not there would fail the whole: it is added first. What another rule that is added
    /// has as well stays without a moment's gap.
    public static func change(remove: [PassRule], add: [PassRule]) -> String {
        let added = elements(of: add)
        let kept = Set(added)
        let removed = elements(of: remove).filter { !kept.contains($0) }
        return text(
            commands("add", removed) + commands("delete", removed) + translation(for: added) + commands("add", added))
    }

    /// Whether the chain that translates may be needed no more without these rules.
    public static func mayEndTranslation(_ removed: [PassRule]) -> Bool {
        removed.contains { $0.kind == .masquerade }
    }

    /// Takes the chain that translates away.
    public static let endOfTranslation = text(["flush chain \(translationChain)", "delete chain \(translationChain)"])

    private static let translationChain = "\(table) \(NftablesRule.Chain.translation.rawValue)"

    /// What makes the chain that translates, or makes it anew, where any of the elements needs it.
    ///
    /// Its priority is behind that of the host's own chains: what one of these has translated already is left so.
    private static func translation(for elements: [NftablesElement]) -> [String] {
        guard elements.contains(where: { $0.set.isTranslated }) else { return [] }
        return [
            "add chain \(translationChain) { type nat hook postrouting priority srcnat + 1; policy accept; }",
            "flush chain \(translationChain)",
        ] + NftablesRule.all.filter { $0.chain == .translation }.map(\.command)
    }

    /// What a base ruleset of the appliance has instead (packaging/nftables.conf): here nothing is dropped.
    private static let base: [String] = [
        ("input", [NftablesRule.Chain.incoming]), ("forward", [.incoming, .outgoing]), ("output", [.outgoing]),
    ].flatMap { name, chains in
        ["add chain \(table) \(name) { type filter hook \(name) priority filter; policy accept; }"]
            + chains.map { "add rule \(table) \(name) jump \($0.rawValue)" }
    }

    /// Each once, in the order of the rules.
    private static func elements(of rules: [PassRule]) -> [NftablesElement] {
        var seen: Set<NftablesElement> = []
        return rules.flatMap(NftablesElement.elements).filter { seen.insert($0).inserted }
    }

    /// One command a set.
    private static func commands(_ verb: String, _ elements: [NftablesElement]) -> [String] {
        NftablesSet.allCases.compactMap { set in
            let texts = elements.lazy.filter { $0.set == set }.map(\.text)
            guard !texts.isEmpty else { return nil }
            return "\(verb) element \(table) \(set.rawValue) { \(texts.joined(separator: ", ")) }"
        }
    }

    private static func text(_ lines: [String]) -> String { lines.map { "\($0)\n" }.joined() }
}
