/// Which networks tunnels, their routes and IPsec selectors may use on this host, and how many of each there may be: the
/// policy file of the helper, or what holds without one.
///
/// A pure value that both daemons ask: the helper refuses by it whoever asks, the API daemon, which gets it by
/// ``Inventory``, says the same beforehand. Each question is answered by nil, or by the words why not, in the form of
/// ``ValueError``: "must not be …".
public struct NetworkPolicy: Sendable, Equatable {
    /// What a network or address is for.
    public enum Use: String, Sendable, CaseIterable {
        /// Addresses of tunnels' interfaces, each with the network that the kernel routes to it; counted by interfaces.
        case tunnels
        /// Routes over tunnels.
        case routes
        /// Selectors of IPsec policies.
        case selectors

        /// How many there may be where the file does not say.
        public var standardLimit: Int {
            switch self {
            case .tunnels: 1024
            case .routes: 200_000
            case .selectors: 20_000
            }
        }
    }

    /// What is to be done about the networks and addresses that the host has besides its tunnels.
    public enum HostNetworks: String, WordValue {
        case refuse
        case allow
    }

    /// What holds without a policy file.
    public static let standard = NetworkPolicy()

    private let tunnels: NetworkAllowance
    private let routes: NetworkAllowance
    private let selectors: NetworkAllowance
    public let hostNetworks: HostNetworks

    public init(
        tunnels: NetworkAllowance = .standard, routes: NetworkAllowance = .standard,
        selectors: NetworkAllowance = .standard, hostNetworks: HostNetworks = .refuse
    ) {
        self.tunnels = tunnels
        self.routes = routes
        self.selectors = selectors
        self.hostNetworks = hostNetworks
    }

    public func allowance(for use: Use) -> NetworkAllowance {
        switch use {
        case .tunnels: tunnels
        case .routes: routes
        case .selectors: selectors
        }
    }

    /// The most there may be of it on this host.
    public func limit(of use: Use) -> Int { allowance(for: use).limit.map { Int($0.rawValue) } ?? use.standardLimit }

    /// Why a network may not be used so. Allowed IPs are free: they choose among the peers of one tunnel, and what reaches
    /// the tunnel is decided by the routes alone.
    ///
    /// - Parameter host: the host's own networks; none leaves them out of the question.
    public func objection(to network: Prefix, as use: Use, beside host: HostPrefixes = .none) -> String? {
        objection(to: network, as: use, beside: host, shown: network.description)
    }

    /// Why a tunnel's interface may not have an address: the kernel makes a route to its whole network.
    public func objection(toAddress address: InterfaceAddress, beside host: HostPrefixes = .none) -> String? {
        guard address.address.isUnicast else { return "must be a unicast address, not \(address)" }
        // Where a list takes a network that is wider than loopback, the address must still be none of loopback's.
        return objection(to: address.network, as: .tunnels, beside: host, shown: address.description)
            ?? SpecialNetworks.objection(toPartOf: Prefix(host: address.address), shown: address.description)
    }

    /// Why what comes from a network of a tunnel may not be masqueraded.
    public func objection(toMasquerade network: Prefix) -> String? {
        guard network.length > 0 else { return "must not be all there is: \(network)" }
        return objection(to: network, as: .tunnels)
    }

    /// Why no peer can be reached at an endpoint, whatever the policy.
    public static func objection(toEndpoint endpoint: Endpoint) -> String? {
        guard endpoint.address.isUnicast else {
            return "must be an address that one host can have, not \(endpoint.address)"
        }
        // A socket of IPv6 would send to it by IPv4, past whatever is decided about IPv4.
        guard !SpecialNetworks.mapped.contains(endpoint.address) else {
            return "must be an IPv4 address in its own form, not IPv4-mapped: \(endpoint.address)"
        }
        return nil
    }

    /// The shortest prefix of a network that no list names: two halves of 0.0.0.0/0 divert all traffic as well as a default
    /// route does.
    private static func shortest(_ family: IPAddress.Family) -> Int { family == .v4 ? 8 : 16 }

    private func objection(to network: Prefix, as use: Use, beside host: HostPrefixes, shown: String) -> String? {
        if let listed = allowance(for: use).networks {
            guard listed.contains(where: { $0.contains(network) }) else {
                return "must lie within a network that the policy file lists (\(use.rawValue).networks): \(shown)"
            }
            // Every list may name all there is; what leads nowhere else stays with the host's own default route.
            guard network.length > 0 || use == .selectors else { return "must not be a default route: \(shown)" }
            if let objection = SpecialNetworks.objection(toPartOf: network, shown: shown) { return objection }
        } else {
            let shortest = Self.shortest(network.family)
            guard network.length >= shortest else {
                return "must not be wider than /\(shortest), the widest that is taken: \(shown)"
            }
            if let objection = SpecialNetworks.objection(toOverlapOf: network, shown: shown) { return objection }
        }
        guard hostNetworks == .refuse, let own = host.first(overlapping: network) else { return nil }
        return "must not overlap \(own), which this host has on an interface that is no tunnel: \(shown)"
    }
}

extension NetworkPolicy: Message {
    public init(reader: inout MemberReader) throws(Refusal) {
        self.init(
            tunnels: try reader.message(Use.tunnels.rawValue) ?? .standard,
            routes: try reader.message(Use.routes.rawValue) ?? .standard,
            selectors: try reader.message(Use.selectors.rawValue) ?? .standard,
            hostNetworks: try reader.optional("host_networks") ?? .refuse)
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            for use in Use.allCases { writer.add(use.rawValue, allowance(for: use).json) }
            writer.add("host_networks", hostNetworks)
        }.members
    }
}
