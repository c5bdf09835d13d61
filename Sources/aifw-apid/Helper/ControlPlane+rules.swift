import Wire

extension ControlPlane {
    /// The rules that the packet filter should hold and does not. A host without a packet filter lacks none, and where the filter
    /// refuses to say, that is shown by all that is enabled.
    ///
    /// The rows are read first: a rule in them was loaded before its change was written. One that is not asked for any more when
    /// the caller reads them again is none that is missing.
    ///
    /// - Throws: ``HelperError`` where the helper does not answer.
    func missingRules() async throws -> Set<PassRule> {
        let rules = try await store.read { try $0.passRules() }
        do {
            let loaded = try await reader.loadedRules()
            return loaded.filter == .none ? [] : Set(rules.filter { !loaded.has($0) })
        } catch HelperError.refused {
            return []
        }
    }
}
