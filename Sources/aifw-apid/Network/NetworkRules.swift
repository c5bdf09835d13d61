import Wire

/// What the helper allows on this host, as far as is known: its policy, and the networks that the host has itself.
struct NetworkRules: Sendable, Equatable {
    /// Before the helper has ever answered.
    static let standard = NetworkRules(policy: .standard, host: .none)

    let policy: NetworkPolicy
    let host: HostPrefixes

    init(policy: NetworkPolicy, host: HostPrefixes) {
        self.policy = policy
        self.host = host
    }

    init(_ inventory: Inventory.Answer) {
        self.init(policy: inventory.policy, host: inventory.hostPrefixes)
    }

    /// Why no route over a tunnel is installed to a network, a default route least of all; nil if it may be.
    func objection(toRoute network: Prefix) -> String? {
        network.length == 0
            ? "must not be a default route: \(network)" : policy.objection(to: network, as: .routes, beside: host)
    }

    /// Whether a route that is there may stay: a network that has appeared on the host since takes nothing away.
    func lets(stay network: Prefix) -> Bool {
        network.length > 0 && policy.objection(to: network, as: .routes) == nil
    }

    /// Why an association may not carry what comes from a network on this side, the host's own or not; nil if it may.
    func objection(toLocal network: Prefix) -> String? { policy.objection(to: network, as: .selectors) }

    /// Why an association may not carry what goes to a network at its far end; nil if it may.
    func objection(toRemote network: Prefix, behind gateway: IPAddress) -> String? {
        policy.objection(toRemote: network, behind: gateway, beside: host)
    }

    /// Why a tunnel may not have these addresses; those that it has already are not asked about.
    func objections(to addresses: AddressList, replacing former: AddressList? = nil) -> [String] {
        addresses.elements.compactMap { address in
            former?.elements.contains(address) == true ? nil : policy.objection(toAddress: address, beside: host)
        }
    }
}
