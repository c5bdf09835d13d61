import FilterRules
import Wire

/// What the packet filter holds in the anchor, by the helper's reading.
struct LoadedRules: Sendable, Equatable {
    let filter: FilterBackend
    /// Whether the anchor is there with all its constant rules.
    let isWhole: Bool
    let parts: Set<String>

    /// Of a host whose packets nobody filters: nothing is missing there, and nothing is loaded.
    static let none = LoadedRules(filter: .none, isWhole: true, parts: [])

    /// Whether all of a rule is loaded.
    func has(_ rule: PassRule) -> Bool {
        filter != .none && parts.isSuperset(of: rule.parts(with: filter))
    }
}
