import Wire

/// An association as it should be: what protects the traffic between two gateways, one of which this host is.
struct AssociationRecord: Sendable, Equatable {
    let id: ObjectID
    /// What the kernel knows it by.
    let number: AssociationNumber
    var name: ObjectName
    var local: IPAddress
    var remote: IPAddress
    var protection = IPsecProtection.esp
    var mode = IPsecMode.tunnel
    /// What ESP encrypts with; kept, and without effect, where there is no ESP.
    var encryption = EncryptionAlgorithm.aes256GCM
    /// What authenticates where the cipher does not, and AH; kept, and without effect, where neither is.
    var authentication = AuthenticationAlgorithm.hmacSHA256
    /// Nil in transport mode, whose selectors are the two ends.
    var localNetworks: NetworkList?
    var remoteNetworks: NetworkList?
    var spiIn: SPI
    var spiOut: SPI
    var keys: AssociationKeys
    var replayWindow = ReplayWindow(validated: 0)
    /// What the operator wants; what the kernel says is never stored.
    var isEnabled = true

    /// Set by the store.
    private(set) var stamp = ObjectStamp.none

    init(
        id: ObjectID, number: AssociationNumber, name: ObjectName, local: IPAddress, remote: IPAddress, spiIn: SPI,
        spiOut: SPI, keys: AssociationKeys
    ) {
        self.id = id
        self.number = number
        self.name = name
        self.local = local
        self.remote = remote
        self.spiIn = spiIn
        self.spiOut = spiOut
        self.keys = keys
    }

    /// The pairs of networks that it protects the traffic between; those of one family each.
    var selectors: [(local: Prefix, remote: Prefix)] {
        let local = localNetworks?.elements ?? [Prefix(host: local)]
        let remote = remoteNetworks?.elements ?? [Prefix(host: remote)]
        return local.flatMap { local in
            remote.filter { $0.family == local.family }.map { (local: local, remote: $0) }
        }
    }
}

/// The sealed keys of an association; those that its algorithms do not need are nil.
struct AssociationKeys: Sendable, Equatable {
    var encryptionIn: SealedSymmetricKey?
    var encryptionOut: SealedSymmetricKey?
    var authenticationIn: SealedSymmetricKey?
    var authenticationOut: SealedSymmetricKey?
}
