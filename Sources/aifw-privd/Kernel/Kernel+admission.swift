internal import KernelMessages
internal import Wire

/// What the gate judges a request by.
extension Kernel {
    func hostPrefixes(overlapping networks: [Prefix]) throws(Refusal) -> HostPrefixes {
        // Many are compared with a list of the host's own sooner than one by one.
        let few = networks.count <= Inventory.networkLimit
        let addresses = few ? try hostAddresses(overlapping: networks) : try hostAddresses()
        return HostPrefixes(addresses.flatMap(\.networks), addresses: addresses.map(\.address.address))
    }

    /// Those of them whose networks overlap any of these. A host may have a thousand tunnels: whose an interface is, is asked
    /// of the few alone that are met.
    func hostAddresses(overlapping networks: [Prefix]) throws(Refusal) -> [LinkAddress] {
        var met: [LinkAddress] = []
        for address in try addresses.list()
        where address.networks.contains(where: { own in networks.contains { $0.overlaps(own) } }) {
            if try links.find(index: address.index)?.tunnel == nil { met.append(address) }
        }
        return met
    }

    /// The addresses of all interfaces but our tunnels', be they up or down.
    func hostAddresses() throws(Refusal) -> [LinkAddress] {
        let ours = Set(try links.all().filter { $0.tunnel != nil }.map(\.index))
        return try addresses.list().filter { !ours.contains($0.index) }
    }

    func addresses(of tunnel: ObjectID, on interface: TunnelInterface) throws(Refusal) -> [InterfaceAddress]? {
        switch try standing(interface, of: tunnel) {
        case .running(let link), .remnant(let link): try addresses.list(link).map(\.address)
        case .missing, .foreign: nil
        }
    }

    func routes(
        among wanted: Set<Prefix>, of tunnel: ObjectID, on interface: TunnelInterface
    ) throws(Refusal) -> Set<Prefix> {
        guard case .running(let link) = try standing(interface, of: tunnel) else { return [] }
        return Set(try routes.ours(over: link).filter(wanted.contains))
    }

    func policies(among wanted: Set<SecurityPolicyKey>) throws(Refusal) -> Set<SecurityPolicyKey> {
        var present: Set<SecurityPolicyKey> = []
        for key in wanted where try xfrm.find(key)?.state.key == key { present.insert(key) }
        return present
    }

    func associations(among wanted: Set<SecurityAssociationKey>) throws(Refusal) -> Set<SecurityAssociationKey> {
        var present: Set<SecurityAssociationKey> = []
        for key in wanted where try xfrm.has(key) { present.insert(key) }
        return present
    }

    func tunnelCount() throws(Refusal) -> Int { try links.all().count { $0.tunnel != nil } }

    func routeCount() throws(Refusal) -> Int { try routes.countOurs() }

    func policyCount() throws(Refusal) -> Int {
        var count = 0
        try xfrm.forEachPolicy { _ in count += 1 }
        return count
    }

    func associationCount() throws(Refusal) -> Int { try xfrm.count() }
}
