import Wire

/// Which rules of the anchor `aifw-vpn` an object needs while it is enabled: what must get through for it, and nothing else.
enum PassRules {
    /// For a tunnel: what comes in for its port, on one interface or on any, and all that goes through it; and the
    /// translation of what comes out of it, for each network that it has.
    static func tunnel(
        _ id: ObjectID, interface: TunnelInterface, port: Port, listenInterface: InterfaceName?, masquerading: [Prefix]
    ) -> [PassRule] {
        [.listenPort(owner: id, port: port, on: listenInterface), .tunnelTraffic(owner: id, on: interface)]
            + masquerading.map { .masquerade(owner: id, network: $0, on: interface) }
    }

    /// For an association: what the two gateways send each other and, in tunnel mode, what it carries between its networks.
    ///
    /// In transport mode what is inside is the two hosts' own traffic, about which the operator's rules decide.
    static func association(
        _ id: ObjectID, number: AssociationNumber, local: IPAddress, remote: IPAddress, protection: IPsecProtection,
        mode: IPsecMode, selectors: [(local: Prefix, remote: Prefix)]
    ) -> [PassRule] {
        var rules = protection.protocols.map { PassRule.protectedPackets(owner: id, $0, local: local, remote: remote) }
        rules.append(.keyExchange(owner: id, local: local, remote: remote))
        switch mode {
        case .tunnel:
            rules += selectors.map { .innerTraffic(owner: id, number: number, local: $0.local, remote: $0.remote) }
        case .transport: break
        }
        return rules
    }
}
