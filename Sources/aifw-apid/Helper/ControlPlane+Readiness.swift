extension ControlPlane: Readiness {
    /// What keeps the daemon from doing its work, in words; empty when it can.
    func missing() async -> [String] {
        var missing: [String] = []
        do {
            _ = try await store.read { try $0.revision() }
        } catch {
            missing.append("The database does not answer.")
        }
        if await reader.generation() == nil { missing.append("The helper aifw-privd can't be reached.") }
        return missing
    }
}
