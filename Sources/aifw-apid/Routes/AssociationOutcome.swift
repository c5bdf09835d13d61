import Wire

/// What an association is after a request, as far as the request and what there was say: the values that are judged
/// together, before keys are made and SPIs drawn.
struct AssociationOutcome: Sendable {
    /// Nil only where a request that has to say it does not, which is at fault by itself.
    let local: IPAddress?
    let remote: IPAddress?
    let protection: IPsecProtection
    let mode: IPsecMode
    let encryption: EncryptionAlgorithm
    let authentication: AuthenticationAlgorithm
    let localNetworks: NetworkList?
    let remoteNetworks: NetworkList?

    /// - Parameter current: what there was; nil for a new association.
    init(_ fields: AssociationFields, over current: AssociationRecord?) {
        local = fields.local.value ?? current?.local
        remote = fields.remote.value ?? current?.remote
        protection = fields.protection.applied(to: current?.protection) ?? .esp
        mode = fields.mode.applied(to: current?.mode) ?? .tunnel
        encryption = fields.encryption.applied(to: current?.encryption) ?? .aes256GCM
        authentication = fields.authentication.applied(to: current?.authentication) ?? .hmacSHA256
        // In transport mode there are none; those of before go with tunnel mode.
        let isTransport = mode == .transport
        localNetworks =
            isTransport ? nil : Self.networks(fields.localNetworks, over: current?.localNetworks, of: current?.local)
        remoteNetworks =
            isTransport ? nil : Self.networks(fields.remoteNetworks, over: current?.remoteNetworks, of: current?.remote)
    }

    /// Where nothing was said, answers show the end's own address: sent back, it still says nothing.
    private static func networks(
        _ field: Field<NetworkList>, over current: NetworkList?, of end: IPAddress?
    ) -> NetworkList? {
        if current == nil, let end, field.value?.elements == [Prefix(host: end)] { return nil }
        return field.applied(to: current)
    }

    /// What is at the far end: the networks there, or the far end itself.
    var remoteSelectors: [Prefix] { remoteNetworks?.elements ?? remote.map { [Prefix(host: $0)] } ?? [] }

    /// How many bytes a key has; nil where the algorithms need none.
    func keyLength(of slot: AssociationKeySlot) -> Int? { slot.length(protection, encryption, authentication) }

    /// The keys that are to be made or sealed: those that are given, and those that are needed and not there.
    func newKeys(_ fields: AssociationFields, over current: AssociationRecord?) -> [AssociationKeySlot] {
        AssociationKeySlot.allCases.filter { slot in
            guard let length = keyLength(of: slot) else { return false }
            if case .absent = fields.key(slot) { return length != current?.keyLength(of: slot) }
            return true
        }
    }

    func apply(to association: inout AssociationRecord) {
        association.local = local ?? association.local
        association.remote = remote ?? association.remote
        association.protection = protection
        association.mode = mode
        association.encryption = encryption
        association.authentication = authentication
        association.localNetworks = localNetworks
        association.remoteNetworks = remoteNetworks
    }
}
