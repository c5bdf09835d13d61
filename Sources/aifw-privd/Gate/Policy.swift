import Wire

/// What the helper refuses whoever asks: networks and addresses that would take the host's own traffic.
///
/// Pure; asked for every request, after its shape is right and before anything is opened or changed.
struct Policy {
    /// The shortest prefix of a route: two halves of 0.0.0.0/0 divert all traffic as well as a default route does.
    static func shortest(_ family: IPAddress.Family) -> Int { family == .v4 ? 8 : 16 }

    func check(_ request: ApplyTunnel) throws(Refusal) {
        for (index, address) in (request.addresses ?? []).enumerated() {
            let field = "addresses[\(index)]"
            guard address.address.isUnicast else {
                throw Refusal(.policy, "\(address) is no address that a host can have", field: field)
            }
            try check(address.network, field: field)
        }
    }

    /// Allowed IPs are not asked about: they choose among the peers of one tunnel, and what reaches the tunnel is decided
    /// by the routes alone.
    func check(_ request: ApplyPeers) throws(Refusal) {
        for (index, route) in request.addRoutes.enumerated() { try check(route, field: "add_routes[\(index)]") }
        for (index, peer) in request.set.enumerated() {
            guard let endpoint = peer.endpoint else { continue }
            guard endpoint.address.isUnicast, !isMapped(endpoint.address) else {
                throw Refusal(.policy, "\(endpoint) can't be sent to", field: "set[\(index)].endpoint")
            }
        }
        var keys: Set<PublicKey> = []
        for (index, key) in (request.remove + request.set.map(\.publicKey)).enumerated()
        where !keys.insert(key).inserted {
            let inSet = index - request.remove.count
            throw Refusal(
                .policy, "the same peer twice in one request",
                field: inSet < 0 ? "remove[\(index)]" : "set[\(inSet)].public_key")
        }
    }

    /// A network that an interface may be in or a route may lead to.
    private func check(_ network: Prefix, field: String) throws(Refusal) {
        let shortest = Self.shortest(network.family)
        guard network.length >= shortest else {
            throw Refusal(.policy, "\(network) is wider than /\(shortest), the widest that is taken", field: field)
        }
        for (forbidden, words) in Self.forbidden where forbidden.overlaps(network) {
            throw Refusal(.policy, "\(network) overlaps \(forbidden), \(words)", field: field)
        }
    }

    private func isMapped(_ address: IPAddress) -> Bool { address.family == .v6 && address.bits >> 32 == 0xFFFF }

    /// Networks with a meaning that no tunnel may take over.
    private static let forbidden: [(Prefix, String)] = [
        (network(.v4, 0, 8), "this host (RFC 1122)"),
        (network(.v4, 127 << 24, 8), "loopback (RFC 1122)"),
        (network(.v4, 0xA9FE << 16, 16), "link-local (RFC 3927)"),
        (network(.v4, 0xE << 28, 4), "multicast (RFC 5771)"),
        (network(.v4, 0xF << 28, 4), "reserved (RFC 1112)"),
        (network(.v6, 0, 127), "the unspecified and the loopback address (RFC 4291)"),
        (network(.v6, 0xFFFF << 32, 96), "IPv4-mapped (RFC 4291)"),
        (network(.v6, 0x3FA << 118, 10), "link-local (RFC 4291)"),
        (network(.v6, 0xFF << 120, 8), "multicast (RFC 4291)"),
    ]

    private static func network(_ family: IPAddress.Family, _ bits: UInt128, _ length: Int) -> Prefix {
        Prefix(masking: IPAddress(family, bits: bits), length: length)
    }
}
