import Synchronization
import Wire

/// Which rules the packet filter should hold and did not, when it was last looked at. In memory only: it is a reading.
final class RuleDrift: Sendable {
    private let rules = Mutex<Set<PassRule>>([])

    var missing: Set<PassRule> {
        get { rules.withLock { $0 } }
        set { rules.withLock { $0 = newValue } }
    }
}

extension ControlPlane {
    /// Notes which rules are not loaded. A host without a packet filter lacks none, and where the filter refuses to say, that is
    /// shown by all that is enabled.
    ///
    /// The rows are read first: a rule in them was loaded before its change was written.
    ///
    /// - Throws: ``HelperError`` where the helper does not answer.
    func lookAtRules() async throws {
        let rules = try await store.read { try $0.passRules() }
        do {
            let loaded = try await reader.loadedRules()
            drift.missing = loaded.filter == .none ? [] : Set(rules.filter { !loaded.has($0) })
        } catch HelperError.refused {
            drift.missing = []
        }
    }
}
