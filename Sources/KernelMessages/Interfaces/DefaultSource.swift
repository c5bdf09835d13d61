package import Wire

/// The address that a host sends from on its default route: what its VPN clients are told to connect to.
///
/// Found from lists, not by asking the kernel for the route to some address, which another route may lead elsewhere.
package enum DefaultSource {
    /// The source set on the default route of the lowest metric; else, as the kernel would choose, the first address of
    /// its interface in the gateway's network, or the first of all. Nil without a default route or an address.
    ///
    /// - Parameters:
    ///   - routes: those of one family.
    ///   - addresses: those of all interfaces but our tunnels, in the kernel's order.
    package static func choose(from routes: [Route], _ addresses: [LinkAddress]) -> IPAddress? {
        let defaults = routes.filter { $0.destination.length == 0 && $0.index != nil }
        guard let route = defaults.min(by: { $0.metric < $1.metric }) else { return nil }
        if let source = route.source { return source }
        let family = route.destination.family
        let candidates = addresses.filter {
            $0.index == route.index && $0.address.address.family == family && $0.isGeneralSource
        }
        let near = candidates.first { candidate in
            route.gateway.map { candidate.address.network.contains($0) } ?? false
        }
        return (near ?? candidates.first)?.address.address
    }
}
