internal import KernelMessages
internal import Wire

/// What the gate judges a request by.
extension Kernel {
    func hostPrefixes() throws(Refusal) -> HostPrefixes {
        HostPrefixes(try hostAddresses().flatMap(\.networks))
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

    func tunnelCount() throws(Refusal) -> Int { try links.all().count { $0.tunnel != nil } }

    func routeCount() throws(Refusal) -> Int { try routes.countOurs() }
}
