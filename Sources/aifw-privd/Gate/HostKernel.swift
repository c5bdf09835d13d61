import Wire

/// What the gate may ask of the host's kernel: one method a verb, with secrets opened and the policy already asked.
///
/// The verbs' own contracts stand in Wire/Requests. ``Kernel`` is the real one.
protocol HostKernel {
    /// How WireGuard is done, and what filters packets; fixed from the start on.
    var backend: WireGuardBackend { get }
    var filter: FilterBackend { get }

    /// - Parameter privateKey: the opened `request.privateKey`; nil if there is none.
    mutating func applyTunnel(_ request: ApplyTunnel, privateKey: SecretKey?) throws(Refusal) -> ApplyTunnel.Answer

    /// - Parameter presharedKeys: the opened pre-shared key of each peer in `request.set` that brings one.
    mutating func applyPeers(
        _ request: ApplyPeers, presharedKeys: [PublicKey: SecretKey]
    ) throws(Refusal) -> ApplyPeers.Answer

    mutating func removeTunnel(_ request: RemoveTunnel) throws(Refusal) -> RemoveTunnel.Answer

    /// - Parameters:
    ///   - fingerprint: what a pre-shared key is shown as; it gets the 32 bytes in place and keeps none.
    ///   - page: takes each frame's worth of the answer in turn.
    mutating func readTunnel(
        _ request: ReadTunnel, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint,
        page: (ReadTunnel.Answer) throws(Refusal) -> Void
    ) throws(Refusal)

    /// - Parameter policy: for the answer to tell.
    mutating func inventory(_ request: Inventory, _ policy: NetworkPolicy) throws(Refusal) -> Inventory.Answer

    mutating func applyRules(_ request: ApplyRules) throws(Refusal) -> ApplyRules.Answer

    /// - Parameter page: takes each frame's worth of the answer in turn.
    mutating func readRules(page: (ReadRules.Answer) throws(Refusal) -> Void) throws(Refusal)

    /// - Parameters:
    ///   - keys: the opened keys of each in `request.add`, of the lengths that its algorithms have.
    ///   - fingerprint: by which they are compared with those of what is there already.
    mutating func applyAssociations(
        _ request: ApplyAssociations, keys: [OpenedKeys],
        fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint
    ) throws(Refusal) -> ApplyAssociations.Answer

    /// - Parameters:
    ///   - fingerprint: what a key is shown as; it gets the bytes in place and keeps none.
    ///   - page: takes each frame's worth of the answer in turn.
    mutating func readAssociations(
        _ request: ReadAssociations, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint,
        page: (ReadAssociations.Answer) throws(Refusal) -> Void
    ) throws(Refusal)

    // What a request is judged by (``Admission``).

    /// The networks and addresses of all interfaces but our tunnels', as far as they overlap any of these; others may be
    /// among them.
    func hostPrefixes(overlapping networks: [Prefix]) throws(Refusal) -> HostPrefixes

    /// The addresses of a tunnel's interface; nil if it has none, so that it would have to be made.
    func addresses(of tunnel: ObjectID, on interface: TunnelInterface) throws(Refusal) -> [InterfaceAddress]?

    /// Which of these routes lead over a tunnel's interface already.
    func routes(
        among wanted: Set<Prefix>, of tunnel: ObjectID, on interface: TunnelInterface
    ) throws(Refusal) -> Set<Prefix>

    /// Which of these policies are there already, and theirs.
    func policies(among wanted: Set<SecurityPolicyKey>) throws(Refusal) -> Set<SecurityPolicyKey>

    /// Which of these security associations are there already, and theirs.
    func associations(among wanted: Set<SecurityAssociationKey>) throws(Refusal) -> Set<SecurityAssociationKey>

    /// How many interfaces, routes, policies and security associations of ours the host has.
    func tunnelCount() throws(Refusal) -> Int
    func routeCount() throws(Refusal) -> Int
    func policyCount() throws(Refusal) -> Int
    func associationCount() throws(Refusal) -> Int
}

/// The keys of one security association, opened.
struct OpenedKeys {
    let encryption: Secret?
    let authentication: Secret?

    func fits(_ transform: Transform<SealedSecret>) -> Bool {
        let lengths = transform.keyLengths
        return encryption?.count == lengths.encryption && authentication?.count == lengths.authentication
    }
}
