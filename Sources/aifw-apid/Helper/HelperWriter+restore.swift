import Wire

extension HelperWriter {
    /// Has the kernel become what the rows say after a restore, where they differ from what they were; nothing else is looked
    /// at or touched. Stops at the first refusal.
    ///
    /// What must go goes first, the filter's rules before what they let through, and what is new is let through last.
    func carryOut(_ difference: RestoreDifference, in transaction: some StoreTransaction) throws {
        var opening: [Request] = []
        if difference.touchesRules {
            let rules = RuleRequests(desired: try transaction.passRules(), loaded: try loadedRules())
            try apply(rules.closing)
            opening = rules.opening
        }
        for tunnel in difference.removed {
            try drop(plan(removing: .init(tunnel: tunnel.id, interface: tunnel.interface, isUp: true)))
        }
        var lacking: [Request] = []
        if difference.touchesAssociations {
            let wanted = try transaction.associations().filter(\.isEnabled)
            let (strays, perAssociation) = plan(desired: wanted, actual: try read(ReadAssociations()))
            try apply(strays)
            lacking = perAssociation.flatMap(\.requests)
        }
        let touched = difference.touchedTunnels
        let running = try transaction.tunnels().filter { $0.isEnabled && touched.contains($0.id) }
        // A route is on one interface only: what one lets go of is what another may wait for.
        for tunnel in running { try release(tunnel, in: transaction) }
        for tunnel in running {
            let actual = try read(tunnel: tunnel.id, interface: tunnel.interface)
            try apply(plan(desired: try transaction.desired(tunnel, under: rules), actual: actual))
        }
        try apply(lacking)
        try apply(opening)
    }

    /// Takes the peers and routes from a running interface that it is not to have.
    private func release(_ tunnel: TunnelRecord, in transaction: some StoreTransaction) throws {
        guard let actual = try read(tunnel: tunnel.id, interface: tunnel.interface) else { return }
        let desired = try transaction.desired(tunnel, under: rules)
        let kept = Set(desired.peers.map(\.publicKey))
        let gone = Set(actual.routes).subtracting(desired.routes).subtracting(desired.toleratedRoutes)
        try apply(
            plan(
                tunnel: tunnel.id, interface: tunnel.interface, before: [], after: [],
                stray: actual.peers.map(\.publicKey).filter { !kept.contains($0) }, removeRoutes: Array(gone),
                addRoutes: []))
    }
}
