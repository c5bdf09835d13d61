import Wire

/// What the two ends of an association must have alike, seen from this host and without keys: what configurations of the far
/// end are made from.
struct AssociationTerms: Sendable {
    let id: ObjectID
    let number: AssociationNumber
    let name: ObjectName
    let local: IPAddress
    let remote: IPAddress
    let protection: IPsecProtection
    let mode: IPsecMode
    let encryption: EncryptionAlgorithm
    let authentication: AuthenticationAlgorithm
    let localNetworks: NetworkList?
    let remoteNetworks: NetworkList?
    /// The pairs of networks that it protects the traffic between; the two ends themselves where there are none.
    let selectors: [(local: Prefix, remote: Prefix)]
    let spiIn: SPI
    let spiOut: SPI
    let replayWindow: ReplayWindow

    /// How many bytes a key has; nil where the algorithms need none.
    func keyLength(of slot: AssociationKeySlot) -> Int? { slot.length(protection, encryption, authentication) }
}
