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
    /// What no rule asks for is known by its part only, so the anchor is made anew where there is such a thing: with what it
    /// holds rightly, and without a moment in between.
    init(desired: [PassRule], loaded: LoadedRules) {
        var present: [PassRule] = []
        var missing: [PassRule] = []
        var stray = loaded.parts
        for rule in desired {
            let parts = rule.parts(with: loaded.filter)
            stray.subtract(parts)
            if loaded.parts.isSuperset(of: parts) { present.append(rule) } else { missing.append(rule) }
        }
        closing = loaded.isWhole && stray.isEmpty ? [] : Self.requests(reset: true, adding: present)
        opening = Self.requests(reset: false, adding: missing)
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
