import Wire

@testable import aifw_privd

/// A kernel that does nothing but write down what it was asked and with which secrets.
struct StandInKernel: HostKernel {
    final class Record {
        var calls: [String] = []
        var privateKey: SecretKey?
        var presharedKeys: [PublicKey: SecretKey] = [:]
        var associationKeys: [OpenedKeys] = []
        /// What it was asked beforehand, apart from the verbs.
        var questions: [String] = []
    }

    let record = Record()
    let backend = WireGuardBackend.userspace
    let filter = FilterBackend.nftables
    /// How many pages ``readTunnel(_:fingerprint:page:)`` has, of about 50 KB each.
    var pages = 1
    var refusal: Refusal?
    var host: [String] = []
    /// The host's own addresses.
    var own: [String] = []
    /// The addresses of every tunnel's interface; nil is none there.
    var present: [String]?
    var presentRoutes: [String] = []
    var presentPolicies: [SecurityPolicyKey] = []
    var presentAssociations: [SecurityAssociationKey] = []
    var tunnels = 0
    var routes = 0
    var policies = 0
    var associations = 0

    mutating func applyTunnel(_ request: ApplyTunnel, privateKey: SecretKey?) throws(Refusal) -> ApplyTunnel.Answer {
        record.calls.append("applyTunnel \(request.interface)")
        record.privateKey = privateKey
        if let refusal { throw refusal }
        return ApplyTunnel.Answer(index: 42)
    }

    mutating func applyPeers(
        _ request: ApplyPeers, presharedKeys: [PublicKey: SecretKey]
    ) throws(Refusal) -> ApplyPeers.Answer {
        record.calls.append("applyPeers \(request.interface)")
        record.presharedKeys = presharedKeys
        return ApplyPeers.Answer()
    }

    mutating func removeTunnel(_ request: RemoveTunnel) throws(Refusal) -> RemoveTunnel.Answer {
        record.calls.append("removeTunnel \(request.interface)")
        return RemoveTunnel.Answer()
    }

    mutating func readTunnel(
        _ request: ReadTunnel, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint,
        page: (ReadTunnel.Answer) throws(Refusal) -> Void
    ) throws(Refusal) {
        record.calls.append("readTunnel \(request.interface)")
        let peers = (0..<250).compactMap { number in
            PublicKey(bytes: [UInt8](repeating: UInt8(number + 1), count: 32)).map {
                PeerState(
                    publicKey: $0, presharedKey: nil, endpoint: nil, allowedIPs: [], keepalive: Keepalive(validated: 0),
                    latestHandshake: 0, received: 0, sent: 0)
            }
        }
        for number in 1...pages { try page(ReadTunnel.Answer(link: nil, peers: peers, more: number < pages)) }
    }

    mutating func inventory(_ request: Inventory, _ policy: NetworkPolicy) throws(Refusal) -> Inventory.Answer {
        record.calls.append("inventory")
        return Inventory.Answer(
            tunnels: [], foreign: [], addresses: [], farEnds: [], defaultSources: [], policy: policy)
    }

    mutating func applyRules(_ request: ApplyRules) throws(Refusal) -> ApplyRules.Answer {
        record.calls.append("applyRules")
        return ApplyRules.Answer()
    }

    mutating func readRules(page: (ReadRules.Answer) throws(Refusal) -> Void) throws(Refusal) {
        record.calls.append("readRules")
        try page(ReadRules.Answer(isWhole: true, parts: [], more: false))
    }

    mutating func applyAssociations(
        _ request: ApplyAssociations, keys: [OpenedKeys],
        fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint
    ) throws(Refusal) -> ApplyAssociations.Answer {
        record.calls.append("applyAssociations")
        record.associationKeys = keys
        return ApplyAssociations.Answer()
    }

    mutating func readAssociations(
        _ request: ReadAssociations, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint,
        page: (ReadAssociations.Answer) throws(Refusal) -> Void
    ) throws(Refusal) {
        record.calls.append("readAssociations")
        try page(ReadAssociations.Answer(associations: [], policies: [], more: false))
    }

    func hostPrefixes(overlapping networks: [Prefix]) throws(Refusal) -> HostPrefixes {
        record.questions.append("hostPrefixes")
        return HostPrefixes(host.compactMap { try? Prefix($0) }, addresses: own.compactMap { try? IPAddress($0) })
    }

    func addresses(of tunnel: ObjectID, on interface: TunnelInterface) throws(Refusal) -> [InterfaceAddress]? {
        record.questions.append("addresses")
        return present?.compactMap { try? InterfaceAddress($0) }
    }

    func routes(
        among wanted: Set<Prefix>, of tunnel: ObjectID, on interface: TunnelInterface
    ) throws(Refusal) -> Set<Prefix> {
        record.questions.append("routes")
        return wanted.intersection(presentRoutes.compactMap { try? Prefix($0) })
    }

    func policies(among wanted: Set<SecurityPolicyKey>) throws(Refusal) -> Set<SecurityPolicyKey> {
        record.questions.append("policies")
        return wanted.intersection(presentPolicies)
    }

    func associations(among wanted: Set<SecurityAssociationKey>) throws(Refusal) -> Set<SecurityAssociationKey> {
        record.questions.append("associations")
        return wanted.intersection(presentAssociations)
    }

    func tunnelCount() throws(Refusal) -> Int {
        record.questions.append("tunnelCount")
        return tunnels
    }

    func routeCount() throws(Refusal) -> Int {
        record.questions.append("routeCount")
        return routes
    }

    func policyCount() throws(Refusal) -> Int {
        record.questions.append("policyCount")
        return policies
    }

    func associationCount() throws(Refusal) -> Int {
        record.questions.append("associationCount")
        return associations
    }
}
