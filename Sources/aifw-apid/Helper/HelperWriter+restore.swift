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
        for tunnel in try transaction.tunnels() where tunnel.isEnabled && touched.contains(tunnel.id) {
            let actual = try read(tunnel: tunnel.id, interface: tunnel.interface)
            try apply(plan(desired: try transaction.desired(tunnel, under: rules), actual: actual))
        }
        try apply(lacking)
        try apply(opening)
    }
}
