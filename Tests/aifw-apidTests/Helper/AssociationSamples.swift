import Wire

@testable import aifw_apid

extension AssociationRecord {
    /// An association with all the keys that any algorithm needs, enabled.
    static func between(
        _ local: String, _ remote: String, number: Int = 1, protection: IPsecProtection = .esp,
        mode: IPsecMode = .tunnel, networks: (String, String)? = nil
    ) throws -> AssociationRecord {
        var record = AssociationRecord(
            id: .random(), number: try AssociationNumber(number), name: try ObjectName("association \(number)"),
            local: try IPAddress(local), remote: try IPAddress(remote), spiIn: try SPI(1000 + number),
            spiOut: try SPI(2000 + number),
            keys: AssociationKeys(
                encryptionIn: .sample(), encryptionOut: .sample(), authenticationIn: .sample(),
                authenticationOut: .sample()))
        record.protection = protection
        record.mode = mode
        record.localNetworks = try networks.map { try NetworkList($0.0) }
        record.remoteNetworks = try networks.map { try NetworkList($0.1) }
        return record
    }
}

extension ActualAssociations {
    /// The kernel as it is right after a plan for these was carried out.
    static func settled(_ records: [AssociationRecord]) -> ActualAssociations {
        var states: [SecurityAssociationState] = []
        var policies: [SecurityPolicyState] = []
        for desired in records.compactMap(DesiredAssociation.init) {
            states += desired.parts.map { SecurityAssociationState(installed: $0.addition.association, under: .sample) }
            policies += desired.policies.map { SecurityPolicyState(key: $0.key, asMade: $0) }
        }
        return holding(states, policies)
    }

    static func holding(
        _ states: [SecurityAssociationState], _ policies: [SecurityPolicyState]
    ) -> ActualAssociations {
        var actual = ActualAssociations()
        actual.add(.init(associations: states, policies: policies, more: false))
        return actual
    }
}

extension SecurityAssociationState {
    /// The same as a kernel in lockdown shows it.
    var withHiddenKeys: SecurityAssociationState {
        like(asMade?.replacingKeys(encryption: SecretFingerprint.hidden, authentication: SecretFingerprint.hidden))
    }

    /// The same after it has carried packets.
    func carrying(_ packets: UInt64) -> SecurityAssociationState { like(asMade, packets: packets) }

    private func like(
        _ asMade: SecurityAssociation<SecretFingerprint>?, packets: UInt64? = nil
    ) -> SecurityAssociationState {
        SecurityAssociationState(
            number: number, source: source, destination: destination, spi: spi, securityProtocol: securityProtocol,
            asMade: asMade, bytes: bytes, packets: packets ?? self.packets, addedAt: addedAt, usedAt: usedAt,
            outsideWindow: outsideWindow, repeated: repeated, unauthentic: unauthentic)
    }
}

extension [Request] {
    /// What is asked of associations.
    var ofAssociations: [ApplyAssociations] {
        compactMap { if case .applyAssociations(let verb) = $0 { verb } else { nil } }
    }

    /// What is asked of the anchor.
    var ofRules: [ApplyRules] {
        compactMap { if case .applyRules(let verb) = $0 { verb } else { nil } }
    }
}
