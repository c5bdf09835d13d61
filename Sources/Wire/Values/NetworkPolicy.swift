/// Which networks, addresses and endpoints a tunnel may have where no policy file says otherwise: what would take the
/// host's own traffic is refused.
///
/// Pure, and known to both daemons: the helper refuses by it whoever asks, the API daemon says the same beforehand. Each
/// question is answered by nil, or by the words why not, in the form of ``ValueError``: "must not be …".
public struct NetworkPolicy: Sendable {
    /// What holds without a policy file.
    public static let standard = NetworkPolicy()

    private init() {}

    /// Why no route over a tunnel may lead to a network. Allowed IPs are free: they choose among the peers of one tunnel,
    /// and what reaches the tunnel is decided by the routes alone.
    public func objection(toRoute network: Prefix) -> String? {
        objection(to: network, shown: network.description)
    }

    /// Why a tunnel's interface may not have an address: the kernel makes a route to its whole network.
    public func objection(toAddress address: InterfaceAddress) -> String? {
        guard address.address.isUnicast else { return "must be a unicast address, not \(address)" }
        return objection(to: address.network, shown: address.description)
    }

    /// Why no peer can be reached at an endpoint.
    public func objection(toEndpoint endpoint: Endpoint) -> String? {
        guard endpoint.address.isUnicast else {
            return "must be an address that one host can have, not \(endpoint.address)"
        }
        // A socket of IPv6 would send to it by IPv4, past whatever is decided about IPv4.
        guard !Self.mapped.contains(endpoint.address) else {
            return "must be an IPv4 address in its own form, not IPv4-mapped: \(endpoint.address)"
        }
        return nil
    }

    /// The shortest prefix of a network: two halves of 0.0.0.0/0 divert all traffic as well as a default route does.
    private static func shortest(_ family: IPAddress.Family) -> Int { family == .v4 ? 8 : 16 }

    private func objection(to network: Prefix, shown: String) -> String? {
        let shortest = Self.shortest(network.family)
        guard network.length >= shortest else {
            return "must not be wider than /\(shortest), the widest that is taken: \(shown)"
        }
        guard let (forbidden, meaning) = Self.forbidden.first(where: { $0.0.overlaps(network) }) else { return nil }
        return "must not overlap \(forbidden), \(meaning): \(shown)"
    }

    /// Networks with a meaning that no tunnel may take over.
    private static let forbidden: [(Prefix, String)] = [
        (network(.v4, 0, 8), "this host (RFC 1122)"),
        (network(.v4, 127 << 24, 8), "loopback (RFC 1122)"),
        (network(.v4, 0xA9FE << 16, 16), "link-local (RFC 3927)"),
        (network(.v4, 0xE << 28, 4), "multicast (RFC 5771)"),
        (network(.v4, 0xF << 28, 4), "reserved (RFC 1112)"),
        (network(.v6, 0, 127), "the unspecified and the loopback address (RFC 4291)"),
        (mapped, "IPv4-mapped (RFC 4291)"),
        (network(.v6, 0x3FA << 118, 10), "link-local (RFC 4291)"),
        (network(.v6, 0xFF << 120, 8), "multicast (RFC 4291)"),
    ]

    private static let mapped = network(.v6, 0xFFFF << 32, 96)

    private static func network(_ family: IPAddress.Family, _ bits: UInt128, _ length: Int) -> Prefix {
        Prefix(masking: IPAddress(family, bits: bits), length: length)
    }
}
