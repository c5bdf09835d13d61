import Wire

/// Judges what a request adds by what the host has: the networks of its other interfaces, and how much there is already.
///
/// Asked after ``Policy``, before anything is opened or changed, and only where addresses, routes or IPsec is added. What is there
/// already is neither refused nor counted again: a network that has appeared on the host later disturbs nothing that works.
struct Admission {
    private let networks: NetworkPolicy
    private var tunnels = Quota(.tunnels)
    private var routes = Quota(.routes)
    private var selectors = Quota(.selectors)
    /// An association has at least a policy for each direction, and for each at most one of ESP and one of AH.
    private var associations = Quota(.selectors, counting: "security associations", times: 2)

    init(_ networks: NetworkPolicy) { self.networks = networks }

    mutating func admit(_ request: ApplyTunnel, to kernel: some HostKernel) throws(Refusal) {
        // Without addresses nothing can be made, only changed.
        guard let addresses = request.addresses else { return }
        let present = try kernel.addresses(of: request.tunnel, on: request.interface)
        let host = try hostPrefixes(addresses.map(\.network), kernel)
        for (index, address) in addresses.enumerated() where present?.contains(address) != true {
            guard let objection = networks.objection(toAddress: address, beside: host) else { continue }
            throw Refusal(.policy, objection, field: "addresses[\(index)]")
        }
        guard present == nil, !tunnels.admits(1, under: networks) else { return }
        try tunnels.admit(1, to: kernel.tunnelCount(), under: networks, field: "interface")
    }

    mutating func admit(_ request: ApplyPeers, to kernel: some HostKernel) throws(Refusal) {
        guard !request.addRoutes.isEmpty else { return }
        let host = try hostPrefixes(request.addRoutes, kernel)
        let objections = request.addRoutes.map { networks.objection(to: $0, as: .routes, beside: host) }
        let isFree = objections.allSatisfy { $0 == nil }
        if isFree, routes.admits(request.addRoutes.count, under: networks) { return }
        let removed = Set(request.removeRoutes).subtracting(request.addRoutes)
        let present = try kernel.routes(
            among: removed.union(request.addRoutes), of: request.tunnel, on: request.interface)
        for (index, objection) in objections.enumerated() where !present.contains(request.addRoutes[index]) {
            if let objection { throw Refusal(.policy, objection, field: "add_routes[\(index)]") }
        }
        let growth = Set(request.addRoutes).subtracting(present).count - removed.intersection(present).count
        try routes.admit(growth, to: kernel.routeCount(), under: networks, field: "add_routes")
    }

    mutating func admit(_ request: ApplyAssociations, to kernel: some HostKernel) throws(Refusal) {
        try admitAssociations(request, to: kernel)
        guard !request.addPolicies.isEmpty else { return }
        let host = try hostPrefixes(request.addPolicies.map(\.key.remote), kernel)
        let added = request.addPolicies.map(\.key)
        let objections = request.addPolicies.map {
            networks.objection(toRemote: $0.key.remote, behind: $0.remoteGateway, beside: host)
        }
        let isFree = objections.allSatisfy { $0 == nil }
        if isFree, selectors.admits(added.count, under: networks) { return }
        let removed = Set(request.removePolicies).subtracting(added)
        let present = try kernel.policies(among: removed.union(added))
        for (index, objection) in objections.enumerated() where !present.contains(added[index]) {
            guard let objection else { continue }
            throw Refusal(.policy, objection, field: "add_policies[\(index)].\(added[index].remoteMember)")
        }
        let growth = Set(added).subtracting(present).count - removed.intersection(present).count
        try selectors.admit(growth, to: kernel.policyCount(), under: networks, field: "add_policies")
    }

    private mutating func admitAssociations(
        _ request: ApplyAssociations, to kernel: some HostKernel
    ) throws(Refusal) {
        let added = Set(request.add.map(\.association.key))
        guard !added.isEmpty, !associations.admits(added.count, under: networks) else { return }
        let removed = Set(request.remove).subtracting(added)
        let present = try kernel.associations(among: removed.union(added))
        let growth = added.subtracting(present).count - removed.intersection(present).count
        try associations.admit(growth, to: kernel.associationCount(), under: networks, field: "add")
    }

    private func hostPrefixes(
        _ wanted: [Prefix], _ kernel: some HostKernel
    ) throws(Refusal) -> HostPrefixes {
        switch networks.hostNetworks {
        case .allow: .none
        case .refuse: try kernel.hostPrefixes(overlapping: wanted)
        }
    }
}
