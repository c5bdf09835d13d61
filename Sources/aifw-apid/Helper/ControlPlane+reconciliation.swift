import Wire

/// The comparison of every period, for which no write waits: over the reading connection, and only what differs is then put
/// right over the writing one.
extension ControlPlane {
    /// Compares the rows with the kernel and repairs what differs.
    func reconcile() async throws {
        try await connectWriter()
        let differing = try await differing()
        guard !differing.isEmpty else { return }
        try await connected { [self] transaction in try repair(differing, in: transaction) }
    }

    /// What differs, or could not be put right the last time. What changes meanwhile may be among it: a repair looks again.
    private func differing() async throws -> KernelParts {
        let inventory = try await reader.inventory()
        let tunnels = try await store.read { try $0.tunnels() }
        let wanted = Dictionary(uniqueKeysWithValues: tunnels.lazy.filter(\.isEnabled).map { ($0.id, $0) })
        var differing = KernelParts()
        differing.tunnels.formUnion(
            inventory.tunnels.filter { wanted[$0.tunnel]?.interface != $0.interface }.map(\.tunnel))
        for tunnel in wanted.values where try await differs(tunnel) { differing.tunnels.insert(tunnel.id) }
        differing.associations = try await associationsDiffer()
        differing.rules = try await rulesDiffer()
        return differing
    }

    private func differs(_ tunnel: TunnelRecord) async throws -> Bool {
        do {
            let desired = try await store.read { [known] in
                try $0.desired(try $0.tunnel(tunnel.id), under: known.latest)
            }
            let actual = try await reader.read(tunnel: tunnel.id, interface: tunnel.interface)
            if faults[tunnel.id] != nil { return true }
            return !plan(desired: desired, actual: actual).isEmpty
        } catch HelperError.refused {
            return true
        } catch StoreError.missing {
            // Deleted while the others were compared, and its interface with it.
            return false
        }
    }

    private func associationsDiffer() async throws -> Bool {
        let records = try await store.read { try $0.associations() }
        do {
            let actual = try await reader.read(ReadAssociations())
            let (strays, perAssociation) = plan(desired: records.filter(\.isEnabled), actual: actual)
            return !strays.isEmpty || !perAssociation.isEmpty || faults.isAny(of: records.lazy.map(\.id))
        } catch HelperError.refused {
            return true
        }
    }

    private func rulesDiffer() async throws -> Bool {
        guard faults.filterFault == nil else { return true }
        let rules = try await store.read { try $0.passRules() }
        do {
            let requests = RuleRequests(desired: rules, loaded: try await reader.loadedRules())
            return !requests.closing.isEmpty || !requests.opening.isEmpty
        } catch HelperError.refused {
            return true
        }
    }
}
