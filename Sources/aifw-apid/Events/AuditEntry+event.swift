import Wire

extension AuditEntry {
    /// What everybody may hear of who may read the VPN; users and tokens are for administrators, as in the log.
    private static let ofVPN: Set<AuditObject.Kind> = [.tunnel, .peer, .association]

    /// Whether a stream of a caller with these scopes tells of it.
    func isTold(to scopes: Scopes) -> Bool {
        guard action.isChange else { return false }
        if scopes.allow(.admin) || action == .importing || action == .restore { return true }
        return object.map { Self.ofVPN.contains($0.kind) } ?? false
    }

    /// The event that tells of it: what was done to what, not by whom.
    var event: EventBlock {
        EventBlock(
            event: "change", id: revision,
            data: [
                "revision": .integer(revision), "time": time.json, "action": .text(action.rawValue),
                "object": object?.json ?? nil,
            ])
    }
}
