import Wire

/// An association as it should be in the kernel: what the plan compares with what is there.
///
/// Whether it is to be there at all is not said here.
struct DesiredAssociation: Sendable {
    let id: ObjectID
    /// Two, or four for ESP and AH together.
    let parts: [Part]
    /// For each pair of networks one in and one out, and in tunnel mode one for what is forwarded.
    let policies: [SecurityPolicy]

    /// One security association: how it is asked for, and how it shows once it is there.
    struct Part: Sendable {
        let addition: ApplyAssociations.Addition
        let asMade: SecurityAssociation<SecretFingerprint>

        var key: SecurityAssociationKey { asMade.key }
    }

    /// Nil if a key is missing that its algorithms need, which is so only where somebody has edited the database: such a one
    /// can't be in the kernel.
    init?(_ record: AssociationRecord) {
        var parts: [Part] = []
        for direction in TrafficDirection.allCases {
            for securityProtocol in record.protection.protocols {
                guard let part = Part(record, direction, securityProtocol) else { return nil }
                parts.append(part)
            }
        }
        id = record.id
        self.parts = parts
        policies = record.policies
    }
}

extension DesiredAssociation.Part {
    fileprivate init?(_ record: AssociationRecord, _ direction: TrafficDirection, _ securityProtocol: IPsecProtocol) {
        let isIn = direction == .in
        let encryption = isIn ? record.keys.encryptionIn : record.keys.encryptionOut
        let authentication = isIn ? record.keys.authenticationIn : record.keys.authenticationOut
        func association<Key>(
            encryption: Key?, authentication: Key?
        ) -> SecurityAssociation<Key>? {
            Transform(record, securityProtocol, encryption: encryption, authentication: authentication).map {
                SecurityAssociation(
                    number: record.number, source: isIn ? record.remote : record.local,
                    destination: isIn ? record.local : record.remote, spi: isIn ? record.spiIn : record.spiOut,
                    mode: record.mode(of: securityProtocol), transform: $0, replayWindow: record.replayWindow)
            }
        }
        guard
            let sealed = association(encryption: encryption?.secret, authentication: authentication?.secret),
            let asMade = association(encryption: encryption?.fingerprint, authentication: authentication?.fingerprint)
        else { return nil }
        addition = .init(object: record.id, direction: direction, association: sealed)
        self.asMade = asMade
    }
}

extension Transform {
    /// What an association's packets of one protocol go through; nil if it has not the keys for it.
    fileprivate init?(
        _ record: AssociationRecord, _ securityProtocol: IPsecProtocol, encryption: Key?, authentication: Key?
    ) {
        switch (securityProtocol, encryption, authentication) {
        case (.esp, let key?, _) where record.encryption.isAuthenticated: self = .aead(record.encryption, key)
        case (.esp, let key?, let hashKey?): self = .cipher(record.encryption, key, record.authentication, hashKey)
        case (.ah, _, let hashKey?): self = .authentication(record.authentication, hashKey)
        default: return nil
        }
    }
}

extension AssociationRecord {
    /// AH on top of ESP protects what ESP has made, which is a packet already: always in transport mode.
    fileprivate func mode(of securityProtocol: IPsecProtocol) -> IPsecMode {
        protection == .espAndAH && securityProtocol == .ah ? .transport : mode
    }

    fileprivate var policies: [SecurityPolicy] {
        let directions: [SecurityPolicyKey.Direction] = mode == .tunnel ? [.in, .forward, .out] : [.in, .out]
        return selectors.flatMap { networks in
            directions.map { direction in
                let isOut = direction == .out
                return SecurityPolicy(
                    key: SecurityPolicyKey(
                        number: number, direction: direction, source: isOut ? networks.local : networks.remote,
                        destination: isOut ? networks.remote : networks.local),
                    from: isOut ? local : remote, to: isOut ? remote : local, mode: mode,
                    protocols: protection.protocols)
            }
        }
    }
}
