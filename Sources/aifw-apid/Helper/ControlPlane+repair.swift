import Wire

/// Repairs, on the writer's queue: the kernel is made as the rows say, and what is so already is left alone.
extension ControlPlane {
    /// Reconciles everything over a new connection.
    func compare(_ transaction: some StoreTransaction) {
        do {
            let inventory = try writer.inventory()
            let tunnels = try transaction.tunnels().map(\.id)
            faults.keep(only: Set(tunnels).union(try transaction.associations().map(\.id)))
            let all = KernelParts(
                tunnels: Set(tunnels).union(inventory.tunnels.map(\.tunnel)), associations: true, rules: true)
            try repair(all, in: transaction)
        } catch {
            meters.reconciliation.failed()
            lose(error)
        }
    }

    /// After a change that failed, with the rows as they were: the kernel too must be as it was.
    func restore(_ transaction: some StoreTransaction) {
        let touched = writer.touched
        guard !touched.isEmpty else { return }
        do {
            try repair(touched, in: transaction)
        } catch {
            // Gone in the middle: the next connection reconciles before any other write.
            writer.disconnect()
        }
    }

    /// Has these parts of the kernel be as the rows say. What is refused is kept as the fault of what it concerns.
    ///
    /// What the filter lets through wrongly is closed first, and what is to get through is let through last.
    func repair(_ parts: KernelParts, in transaction: some StoreTransaction) throws {
        let opening = parts.rules ? try closeRules(in: transaction) : nil
        if !parts.tunnels.isEmpty { try repair(tunnels: parts.tunnels, in: transaction) }
        if parts.associations { try repairAssociations(in: transaction) }
        if let opening { try openRules(opening) }
    }

    // MARK: Tunnels

    private func repair(tunnels ids: Set<ObjectID>, in transaction: some StoreTransaction) throws {
        let inventory = try writer.inventory()
        let tunnels = try transaction.tunnels().filter { ids.contains($0.id) }
        let wanted = Dictionary(uniqueKeysWithValues: tunnels.lazy.filter(\.isEnabled).map { ($0.id, $0) })
        // First what must go: its port or name may be what another waits for.
        for owned in inventory.tunnels
        where ids.contains(owned.tunnel) && wanted[owned.tunnel]?.interface != owned.interface {
            try attempt(.tunnel(owned.tunnel, owned.interface)) { () throws(HelperError) in
                try writer.apply(plan(removing: owned))
            }
        }
        for tunnel in wanted.values {
            let desired = try transaction.desired(tunnel, under: writer.rules)
            let subject = RepairSubject.tunnel(tunnel.id, tunnel.interface)
            try attempt(subject) { () throws(HelperError) in
                let actual = try writer.read(tunnel: tunnel.id, interface: tunnel.interface)
                try apply(plan(desired: desired, actual: actual), to: subject)
            }
        }
    }

    // MARK: Associations

    private func repairAssociations(in transaction: some StoreTransaction) throws {
        let records = try transaction.associations()
        let wanted = records.filter(\.isEnabled)
        let actual: ActualAssociations
        do throws(HelperError) {
            actual = try writer.read(ReadAssociations())
        } catch {
            guard case .refused(let refusal) = error else { throw error }
            // A kernel without IPsec refuses, which concerns nobody who has no association.
            for record in wanted { faults[record.id] = refusal.statusDetail }
            if !wanted.isEmpty { warn(of: refusal, as: .strays) }
            return
        }
        let (strays, perAssociation) = plan(desired: wanted, actual: actual)
        try attempt(.strays) { () throws(HelperError) in try apply(strays, to: .strays) }
        let lacking = Set(perAssociation.map(\.id))
        for record in records where !lacking.contains(record.id) { faults[record.id] = nil }
        for (id, requests) in perAssociation {
            try attempt(.association(id)) { () throws(HelperError) in try apply(requests, to: .association(id)) }
        }
    }

    // MARK: Rules

    /// Takes from the anchor what no row asks for. Returns what is to be asked for at the end; nil if the filter has refused.
    private func closeRules(in transaction: some StoreTransaction) throws -> [Request]? {
        let rules = try transaction.passRules()
        do throws(HelperError) {
            let requests = RuleRequests(desired: rules, loaded: try writer.loadedRules())
            try apply(requests.closing, to: .rules)
            return requests.opening
        } catch {
            try note(error, as: .rules)
            return nil
        }
    }

    private func openRules(_ requests: [Request]) throws {
        try attempt(.rules) { () throws(HelperError) in try apply(requests, to: .rules) }
    }
}
