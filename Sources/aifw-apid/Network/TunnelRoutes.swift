import Wire

/// Which routes a tunnel's interface needs beside those that the kernel makes for its own networks.
struct TunnelRoutes: Sendable, Equatable {
    /// The tunnel's own networks: the kernel's connected routes cover all that lies within them.
    let networks: [Prefix]
    /// False if the operator wants none (`routes: false`).
    let areWanted: Bool

    /// Whether an allowed IP needs a route, and may have one: what the helper refuses to route, a default route and its
    /// halves above all, is still the peer's, but not routed.
    func isNeeded(for prefix: Prefix) -> Bool {
        areWanted && !networks.contains { $0.contains(prefix) }
            && NetworkPolicy.standard.objection(toRoute: prefix) == nil
    }

    /// The routes for some peers' allowed IPs, each once, in the order of the prefixes.
    func routes(for prefixes: some Sequence<Prefix>) -> [Prefix] {
        var seen: Set<Prefix> = []
        return prefixes.filter { isNeeded(for: $0) && seen.insert($0).inserted }
    }
}
