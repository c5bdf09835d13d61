import Wire

extension Refusal {
    /// The same with the member of the API's body in the place of the member of the helper's request that it is about: which
    /// end and which direction that is, only the request says.
    func inTermsOfAssociations(_ request: Request) -> Refusal {
        guard let field, let place = Place(field) else { return self }
        return switch (request, place.list) {
        case (.applyAssociations(let verb), "add") where place.index < verb.add.count:
            renamed(Self.member(place.member, of: verb.add[place.index]))
        case (.applyAssociations(let verb), "add_policies") where place.index < verb.addPolicies.count:
            renamed(Self.member(place.member, of: verb.addPolicies[place.index]))
        case (.applyRules(let verb), "add") where place.index < verb.add.count:
            renamed(Self.member(place.member, of: verb.add[place.index]))
        default: renamed(nil)
        }
    }

    private func renamed(_ field: String?) -> Refusal {
        Refusal(code, message, field: field, errno: errno, retryAfter: retryAfter)
    }

    private static func member(_ name: Substring?, of addition: ApplyAssociations.Addition) -> String? {
        let direction = addition.direction.rawValue
        let isIn = addition.direction == .in
        return switch name {
        case nil, "spi": "spi_\(direction)"
        case "source": isIn ? "dst_addr" : "src_addr"
        case "destination": isIn ? "src_addr" : "dst_addr"
        case "mode": "mode"
        case "encryption": "enc_algo"
        case "encryption_key": "enc_key_\(direction)"
        case "authentication": "auth_algo"
        case "authentication_key": "auth_key_\(direction)"
        case "replay_window": "replay_window"
        default: nil
        }
    }

    private static func member(_ name: Substring?, of policy: SecurityPolicy) -> String? {
        let isOut = policy.key.direction == .out
        // Where no networks were given, the selectors are the two ends.
        func networks(_ network: Prefix, _ end: IPAddress, _ word: String) -> String {
            "\(word)_\(network == Prefix(host: end) ? "addr" : "networks")"
        }
        return switch name {
        case nil: networks(policy.key.remote, isOut ? policy.to : policy.from, "dst")
        case "source": networks(policy.key.source, policy.from, isOut ? "src" : "dst")
        case "destination": networks(policy.key.destination, policy.to, isOut ? "dst" : "src")
        case "from": isOut ? "src_addr" : "dst_addr"
        case "to": isOut ? "dst_addr" : "src_addr"
        case "mode": "mode"
        case "protocols": "protocol"
        default: nil
        }
    }

    private static func member(_ name: Substring?, of rule: PassRule) -> String? {
        var word = "addr"
        if case .innerTraffic = rule { word = "networks" }
        return switch name {
        case "local": "src_\(word)"
        case "remote": "dst_\(word)"
        default: nil
        }
    }

    /// `add[1].spi`, taken apart.
    private struct Place {
        let list: Substring
        let index: Int
        let member: Substring?

        init?(_ field: String) {
            let parts = field.split(separator: ".", maxSplits: 1)
            guard let first = parts.first, let open = first.firstIndex(of: "["), first.last == "]",
                let index = Int(first[first.index(after: open)...].dropLast()), index >= 0
            else { return nil }
            list = first[..<open]
            self.index = index
            member = parts.count > 1 ? parts[1] : nil
        }
    }
}
