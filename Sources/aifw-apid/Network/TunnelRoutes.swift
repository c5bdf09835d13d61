import Wire

/// Which routes a tunnel's interface needs beside those that the kernel makes for its own networks.
struct TunnelRoutes: Sendable, Equatable {
    /// The tunnel's own networks: the kernel's connected routes cover all that lies within them.
    let networks: [Prefix]
    /// False if the operator wants none (`routes: false`).
    let areWanted: Bool
    let rules: NetworkRules

    /// Whether an allowed IP needs a route, and may have one: what the helper refuses to route, a default route and its
    /// halves above all, is still the peer's, but not routed.
    func isNeeded(for prefix: Prefix) -> Bool { mayStay(prefix) && rules.objection(toRoute: prefix) == nil }

    /// Whether a route for an allowed IP is left alone if it is there, needed or not.
    func mayStay(_ prefix: Prefix) -> Bool {
        areWanted && !networks.contains { $0.contains(prefix) } && rules.lets(stay: prefix)
    }

    /// The routes that are made for some peers' allowed IPs, each once, in the order of the prefixes.
    func routes(for prefixes: some Sequence<Prefix>) -> [Prefix] {
        var seen: Set<Prefix> = []
        return prefixes.filter { isNeeded(for: $0) && seen.insert($0).inserted }
    }

    /// The routes that may be there for some peers' allowed IPs, each once.
    func candidates(for prefixes: some Sequence<Prefix>) -> [Prefix] {
        var seen: Set<Prefix> = []
        return prefixes.filter { mayStay($0) && seen.insert($0).inserted }
    }
}
