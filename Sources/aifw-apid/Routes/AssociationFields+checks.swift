import Wire

/// What is wrong with the values of a request together, all of it.
extension AssociationFields {
    /// - Parameters:
    ///   - current: what there was; nil for a new association.
    ///   - rules: what the helper would refuse, said beforehand; what the association has already is not asked about.
    func check(_ reader: BodyReader, _ outcome: AssociationOutcome, current: AssociationRecord?, _ rules: NetworkRules)
    {
        checkEnds(reader, outcome, current)
        switch outcome.mode {
        case .tunnel: checkNetworks(reader, outcome)
        case .transport: refuseNetworks(reader)
        }
        checkReach(reader, outcome, current, rules)
        checkKeys(reader, outcome)
    }

    // MARK: Addresses

    private func checkEnds(_ reader: BodyReader, _ outcome: AssociationOutcome, _ current: AssociationRecord?) {
        for (member, address, former) in [
            ("src_addr", local.value, current?.local), ("dst_addr", remote.value, current?.remote),
        ] {
            guard let address, address != former, let objection = NetworkPolicy.objection(toGateway: address) else {
                continue
            }
            reader.fault(member, objection)
        }
        guard let local = outcome.local, let remote = outcome.remote else { return }
        if local.family != remote.family {
            reader.fault(
                "dst_addr", "must be an \(local.family) address, as src_addr (\(local)) is: both ends are of one family"
            )
        } else if local == remote {
            reader.fault("dst_addr", "must differ from src_addr: \(local) can't be both ends")
        }
    }

    private var networks: [(member: String, field: Field<NetworkList>)] {
        [("src_networks", localNetworks), ("dst_networks", remoteNetworks)]
    }

    private func refuseNetworks(_ reader: BodyReader) {
        for (member, field) in networks where field.value != nil {
            reader.fault(
                member, "must be left out in transport mode, which protects the traffic of the two addresses themselves"
            )
        }
    }

    private func checkNetworks(_ reader: BodyReader, _ outcome: AssociationOutcome) {
        guard let local = outcome.local, let remote = outcome.remote else { return }
        let sides = [
            (member: "src_networks", list: outcome.localNetworks, address: local),
            (member: "dst_networks", list: outcome.remoteNetworks, address: remote),
        ]
        for (side, other) in zip(sides, sides.reversed()) {
            guard let list = side.list else { continue }
            let families = Set((other.list?.elements ?? [Prefix(host: other.address)]).map(\.family))
            for network in list.elements where !families.contains(network.family) {
                reader.fault(
                    side.member,
                    "has \(network), but \(other.member) has no \(network.family) network: each needs one of its family"
                )
            }
            guard outcome.protection == .espAndAH else { continue }
            // AH on top goes on in transport mode, and a security association in transport mode has one family.
            for network in list.elements where network.family != local.family {
                reader.fault(
                    side.member,
                    "must have \(local.family) networks only, as the two ends are: esp+ah carries no other (\(network))"
                )
            }
        }
        guard let own = outcome.localNetworks, let far = outcome.remoteNetworks else { return }
        for network in far.elements where own.elements.contains(network) {
            reader.fault("dst_networks", "has \(network), which src_networks has too: it can't be at both ends")
        }
    }

    /// What the helper lets associations carry on this host: between its own networks and others.
    private func checkReach(
        _ reader: BodyReader, _ outcome: AssociationOutcome, _ current: AssociationRecord?, _ rules: NetworkRules
    ) {
        guard let local = outcome.local, let remote = outcome.remote else { return }
        let sides = [
            (member: "src", list: outcome.localNetworks, end: local, former: current?.selectors.map(\.local)),
            (member: "dst", list: outcome.remoteNetworks, end: remote, former: current?.selectors.map(\.remote)),
        ]
        for side in sides {
            // What is wrong with an address by itself has been said.
            guard side.list != nil || NetworkPolicy.objection(toGateway: side.end) == nil else { continue }
            let isMoved = remote != current?.remote
            for network in side.list?.elements ?? [Prefix(host: side.end)]
            where isMoved || side.former?.contains(network) != true {
                let objection =
                    side.member == "src"
                    ? rules.objection(toLocal: network) : rules.objection(toRemote: network, behind: remote)
                guard let objection else { continue }
                reader.fault("\(side.member)_\(side.list == nil ? "addr" : "networks")", objection)
            }
        }
    }

    // MARK: Keys

    private func checkKeys(_ reader: BodyReader, _ outcome: AssociationOutcome) {
        for slot in AssociationKeySlot.allCases {
            guard let key = key(slot).value else { continue }
            guard let length = outcome.keyLength(of: slot) else {
                reader.fault(slot.member, Self.useless(slot, outcome))
                continue
            }
            guard key.count != length else { continue }
            reader.fault(
                slot.member,
                """
                must have \(length) bytes (\(2 * length) hexadecimal digits) \(Self.reason(slot, outcome)), not \(key.count)
                """)
        }
    }

    private static func useless(_ slot: AssociationKeySlot, _ outcome: AssociationOutcome) -> String {
        switch slot {
        case .encryptionIn, .encryptionOut: "must be left out: protocol ah does not encrypt"
        case .authenticationIn, .authenticationOut:
            "must be left out: \(outcome.encryption.rawValue) authenticates by itself, and protocol esp has no AH"
        }
    }

    private static func reason(_ slot: AssociationKeySlot, _ outcome: AssociationOutcome) -> String {
        switch slot {
        case .encryptionIn, .encryptionOut:
            "for \(outcome.encryption.rawValue)\(outcome.encryption.isAuthenticated ? ", the last 4 its salt" : "")"
        case .authenticationIn, .authenticationOut: "for \(outcome.authentication.rawValue)"
        }
    }
}
