extension ControlPlane: Readiness {
    /// What keeps the daemon from doing its work, in words; empty when it can.
    func missing() async -> [String] {
        var missing: [String] = []
        do {
            try await store.check()
        } catch {
            missing.append("The database does not answer.")
        }
        if await reader.generation() == nil { missing.append("The helper aifw-privd can't be reached.") }
        return missing
    }
}
