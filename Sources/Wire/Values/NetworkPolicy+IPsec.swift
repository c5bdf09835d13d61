/// What IPsec may do on this host.
extension NetworkPolicy {
    /// Why an address can't be a gateway of an association, whatever the policy.
    public static func objection(toGateway address: IPAddress) -> String? {
        guard address.isUnicast else { return "must be an address that one host can have, not \(address)" }
        return SpecialNetworks.objection(toPartOf: Prefix(host: address), shown: address.description)
    }

    /// Why an association may not carry what goes to, and comes from, a network at its far end.
    ///
    /// The far gateway itself may be in a network of the host, as two hosts on one LAN are: their own traffic is all that
    /// such a selector takes.
    ///
    /// - Parameter gateway: the far gateway.
    public func objection(
        toRemote network: Prefix, behind gateway: IPAddress, beside host: HostPrefixes = .none
    ) -> String? {
        guard network == Prefix(host: gateway) else { return objection(to: network, as: .selectors, beside: host) }
        guard hostNetworks == .allow || !host.isOwn(gateway) else {
            return "must not be an address of this host: \(gateway)"
        }
        return objection(to: network, as: .selectors)
    }
}
