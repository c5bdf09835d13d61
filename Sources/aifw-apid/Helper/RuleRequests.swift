import FilterRules
import Wire

/// What the anchor is asked for around a change of the kernel: before it, what is let through no more is closed; after it, what
/// is let through from then on is opened.
struct RuleRequests: Sendable {
    let closing: [Request]
    let opening: [Request]

    /// - Parameter shared: what is asked for again where something is removed.
    init(from old: [PassRule], to new: [PassRule], shared: [PassRule] = []) {
        let (before, after) = (Set(old), Set(new))
        let gone = old.filter { !after.contains($0) }
        closing = gone.isEmpty ? [] : [.applyRules(ApplyRules(remove: gone, add: shared))]
        let made = new.filter { !before.contains($0) }
        opening = made.isEmpty ? [] : [.applyRules(ApplyRules(add: made))]
    }

    /// What makes the anchor hold the desired rules and nothing else, and touches nothing that is so already.
    ///
    /// What no rule asks for is known by its part only, and goes with a rule that has that part. Where there is none, the
    /// anchor is made anew with what it holds rightly; as far as that goes into one request, without a moment in between.
    init(desired: [PassRule], loaded: LoadedRules) {
        var present: [PassRule] = []
        var missing: [PassRule] = []
        var stray = loaded.parts
        for rule in desired {
            let parts = rule.parts(with: loaded.filter)
            stray.subtract(parts)
            if loaded.parts.isSuperset(of: parts) { present.append(rule) } else { missing.append(rule) }
        }
        if loaded.isWhole, let rules = Self.rules(of: stray, with: loaded.filter) {
            closing = Self.requests(removing: rules)
        } else {
            closing = Self.requests(reset: true, adding: present)
        }
        opening = Self.requests(reset: false, adding: missing)
    }

    /// The rules that have these parts and no other; nil unless there is one for each.
    private static func rules(of parts: Set<String>, with filter: FilterBackend) -> [PassRule]? {
        let rules = filter == .nftables ? parts.sorted().compactMap(PassRule.init(part:)) : []
        return rules.count == parts.count ? rules : nil
    }

    private static func requests(removing rules: [PassRule]) -> [Request] {
        stride(from: 0, to: rules.count, by: ApplyRules.limit).map {
            .applyRules(ApplyRules(remove: Array(rules[$0...].prefix(ApplyRules.limit))))
        }
    }

    /// Cut to the limit of ``ApplyRules``.
    private static func requests(reset: Bool, adding rules: [PassRule]) -> [Request] {
        var requests: [Request] = []
        var rest = rules[...]
        while !rest.isEmpty || (reset && requests.isEmpty) {
            let add = Array(rest.prefix(ApplyRules.limit))
            requests.append(.applyRules(ApplyRules(reset: reset && requests.isEmpty, add: add)))
            rest = rest.dropFirst(ApplyRules.limit)
        }
        return requests
    }
}
