import Wire

extension TunnelRecord {
    /// The rules that it needs now; none if it is not enabled.
    var passRules: [PassRule] {
        guard isEnabled else { return [] }
        return PassRules.tunnel(
            id, interface: interface, port: listenPort, listenInterface: listenInterface,
            masquerading: masquerade ? address.networks : [])
    }
}

extension AssociationRecord {
    /// The rules that it needs now; none if it is not enabled.
    var passRules: [PassRule] {
        guard isEnabled else { return [] }
        return PassRules.association(
            id, number: number, local: local, remote: remote, protection: protection, mode: mode, selectors: selectors)
    }
}

extension StoreTransaction {
    /// All that the anchor is to hold.
    func passRules() throws -> [PassRule] {
        try tunnels().flatMap(\.passRules) + associations().flatMap(\.passRules)
    }

    /// What the anchor is asked for when a tunnel is new, has become another or is gone; nothing where its rules are the same.
    func ruleRequests(from former: TunnelRecord?, to tunnel: TunnelRecord?) -> RuleRequests {
        RuleRequests(from: former?.passRules ?? [], to: tunnel?.passRules ?? [])
    }

    /// The same for an association.
    ///
    /// With nftables the rules of two associations between the same gateways are one element, and so are those of one
    /// association for what it carries between several networks: what stays is asked for again in the request that removes.
    func ruleRequests(from former: AssociationRecord?, to association: AssociationRecord?) throws -> RuleRequests {
        let (old, new) = (former?.passRules ?? [], association?.passRules ?? [])
        guard let former, old != new else { return RuleRequests(from: old, to: new) }
        var shared = new.filter(old.contains)
        let others = try enabledAssociations(between: former.local, and: former.remote, besides: former.id)
        for rule in old where !new.contains(rule) {
            if let other = others.lazy.compactMap({ $0.rule(sharedWith: rule) }).first { shared.append(other) }
        }
        return RuleRequests(from: old, to: new, shared: shared)
    }
}

extension AssociationRecord {
    /// Its own rule that lets the same packets pass between the same gateways; nil if it has none.
    fileprivate func rule(sharedWith other: PassRule) -> PassRule? {
        passRules.first { rule in
            switch (rule, other) {
            case (.protectedPackets(_, let own, _, _), .protectedPackets(_, let packets, _, _)): own == packets
            case (.keyExchange, .keyExchange): true
            default: false
            }
        }
    }
}
