import Wire

/// What is refused of IPsec and of pass rules: gateways that can't be any, networks outside the policy, and what is named
/// twice. To remove is never forbidden.
extension Policy {
    func check(_ request: ApplyRules) throws(Refusal) {
        try refuseRepeated(request.remove, member: "remove")
        try refuseRepeated(request.add, member: "add")
        for (index, rule) in request.add.enumerated() {
            let field = "add[\(index)]"
            switch rule {
            case .listenPort, .tunnelTraffic: break
            case .protectedPackets(_, _, let local, let remote), .keyExchange(_, let local, let remote):
                try checkGateways(local, remote, fields: "\(field).local", "\(field).remote")
            case .innerTraffic(_, _, let local, let remote):
                try refuse(networks.objection(to: local, as: .selectors), field: "\(field).local")
                try refuse(networks.objection(to: remote, as: .selectors), field: "\(field).remote")
            case .masquerade(_, let network, _):
                try refuse(networks.objection(toMasquerade: network), field: "\(field).network")
            }
        }
    }

    func check(_ request: ApplyAssociations) throws(Refusal) {
        try refuseRepeated(request.removePolicies.map(\.place), member: "remove_policies")
        try refuseRepeated(request.remove.map(\.place), member: "remove")
        try refuseRepeated(request.add.map(\.association.key.place), member: "add")
        try refuseRepeated(request.addPolicies.map(\.key.place), member: "add_policies")
        for (index, addition) in request.add.enumerated() {
            let (association, field) = (addition.association, "add[\(index)]")
            try checkGateways(
                association.source, association.destination, fields: "\(field).source", "\(field).destination")
        }
        for (index, policy) in request.addPolicies.enumerated() {
            try check(policy, field: "add_policies[\(index)]")
        }
    }

    private func check(_ policy: SecurityPolicy, field: String) throws(Refusal) {
        try checkGateways(policy.from, policy.to, fields: "\(field).from", "\(field).to")
        let key = policy.key
        try refuse(networks.objection(to: key.remote, as: .selectors), field: "\(field).\(key.remoteMember)")
        try refuse(networks.objection(to: key.local, as: .selectors), field: "\(field).\(key.localMember)")
        guard policy.mode == .transport else { return }
        guard key.source == Prefix(host: policy.from), key.destination == Prefix(host: policy.to) else {
            throw Refusal(.policy, "in transport mode the two ends are all that is protected", field: field)
        }
    }

    private func checkGateways(
        _ first: IPAddress, _ second: IPAddress, fields one: String, _ other: String
    ) throws(Refusal) {
        try refuse(NetworkPolicy.objection(toGateway: first), field: one)
        try refuse(NetworkPolicy.objection(toGateway: second), field: other)
        guard first != second else { throw Refusal(.policy, "must not be both gateways: \(second)", field: other) }
    }

    private func refuseRepeated<Entry: Hashable>(_ entries: [Entry], member: String) throws(Refusal) {
        var seen: Set<Entry> = []
        for (index, entry) in entries.enumerated() where !seen.insert(entry).inserted {
            throw Refusal(.policy, "the same twice in one request", field: "\(member)[\(index)]")
        }
    }
}

extension SecurityAssociationKey {
    /// What there is one of in the kernel, whosever it is.
    fileprivate var place: [AnyHashable] { [destination, spi, securityProtocol] }
}

extension SecurityPolicyKey {
    /// What there is one of in the kernel, whosever it is.
    fileprivate var place: [AnyHashable] { [direction, source, destination] }

    /// The members of a frame in which the two networks stand.
    var remoteMember: String { direction == .out ? "destination" : "source" }
    var localMember: String { direction == .out ? "source" : "destination" }
}
