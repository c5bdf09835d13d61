import Wire

/// The other end of an association from its own point of view, with the keys in the open: what configurations for it are
/// made from. What comes in there is what goes out here.
struct FarEnd: Sendable {
    let association: AssociationTerms
    /// Two, or four for ESP and AH together: first what goes out there, then what comes in.
    let states: [State]
    /// The pairs of networks, the far end's own first.
    let selectors: [(local: Prefix, remote: Prefix)]

    /// One security association (RFC 4301, section 4.4.2) with its keys.
    struct State: Sendable {
        let source: IPAddress
        let destination: IPAddress
        let spi: SPI
        let mode: IPsecMode
        let transform: Transform
    }

    /// What is done to packets.
    enum Transform: Sendable {
        case aead(EncryptionAlgorithm, Secret)
        case cipher(EncryptionAlgorithm, Secret, AuthenticationAlgorithm, Secret)
        case authentication(AuthenticationAlgorithm, Secret)

        var securityProtocol: IPsecProtocol {
            switch self {
            case .aead, .cipher: .esp
            case .authentication: .ah
            }
        }
    }

    /// Nil if a key that the algorithms need is missing, or has another length than they need.
    init?(of association: AssociationTerms, keys: [AssociationKeySlot: Secret]) {
        for slot in AssociationKeySlot.allCases where association.keyLength(of: slot) != keys[slot]?.count {
            return nil
        }
        var states: [State] = []
        for direction in [TrafficDirection.in, .out] {
            for securityProtocol in association.protection.protocols {
                guard let state = State(of: association, direction, securityProtocol, keys) else { return nil }
                states.append(state)
            }
        }
        self.association = association
        self.states = states
        selectors = association.selectors.map { (local: $0.remote, remote: $0.local) }
    }

    /// Its own address.
    var local: IPAddress { association.remote }
    /// The address of this host.
    var remote: IPAddress { association.local }
    var mode: IPsecMode { association.mode }

    /// What a policy asks of a packet one way, in the order in which it is put on.
    func states(_ direction: TrafficDirection) -> [State] {
        states.filter { $0.source == (direction == .out ? local : remote) }
    }
}

extension FarEnd.State {
    /// - Parameter direction: seen from this host.
    fileprivate init?(
        of association: AssociationTerms, _ direction: TrafficDirection, _ securityProtocol: IPsecProtocol,
        _ keys: [AssociationKeySlot: Secret]
    ) {
        let isIn = direction == .in
        let encryptionKey = keys[isIn ? .encryptionIn : .encryptionOut]
        let authenticationKey = keys[isIn ? .authenticationIn : .authenticationOut]
        let cipher = association.encryption
        let hash = association.authentication
        switch (securityProtocol, encryptionKey, authenticationKey) {
        case (.esp, let key?, _) where cipher.isAuthenticated: transform = .aead(cipher, key)
        case (.esp, let key?, let hashKey?): transform = .cipher(cipher, key, hash, hashKey)
        case (.ah, _, let hashKey?): transform = .authentication(hash, hashKey)
        default: return nil
        }
        source = isIn ? association.remote : association.local
        destination = isIn ? association.local : association.remote
        spi = isIn ? association.spiIn : association.spiOut
        // AH on top of ESP protects what ESP has made, which is a packet between the two ends already.
        mode = association.protection == .espAndAH && securityProtocol == .ah ? .transport : association.mode
    }
}
