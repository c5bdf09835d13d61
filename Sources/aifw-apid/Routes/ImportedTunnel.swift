import Wire

/// A file that was read without a fault, on its way to become a tunnel.
struct ImportedTunnel: Sendable {
    let id: ObjectID
    /// In their order, so that they are listed in it.
    let peerIDs: [ObjectID]
    let source: ImportSource
    let file: WireGuardQuickFile
    let publicKey: PublicKey
    /// The places of the peers whose allowed IPs may overlap another's.
    private let nested: Set<Int>

    /// What stands for a sealed key until it is sealed; nothing that is stored has it.
    private static let unsealed = SealedSecret(bytes: [0])

    init(_ source: ImportSource, _ file: WireGuardQuickFile, _ publicKey: PublicKey, isDry: Bool) {
        self.source = source
        self.file = file
        self.publicKey = publicKey
        nested = file.nestedPeers
        // What is not stored has no id: all zeros are nobody's.
        let nobody = ObjectID(bits: 0)
        id = isDry ? nobody : .random()
        peerIDs = file.peers.map { _ in isDry ? nobody : .random() }.sorted { $0.bits < $1.bits }
    }

    // MARK: Records

    /// The tunnel, with a mark in the place of its key: called as was asked for, else as its file, else as its interface.
    func record(on interface: TunnelInterface, _ port: Port, at now: Timestamp) throws -> TunnelRecord {
        guard let key = Self.unsealed else { throw Problem(.internalError, "A key has no mark.") }
        let name = try source.tunnelName ?? ObjectName(interface.description)
        var tunnel = TunnelRecord(
            id: id, name: name, interface: interface, privateKey: key, publicKey: publicKey, listenPort: port,
            address: file.address.value)
        tunnel.dns = file.dns?.value
        tunnel.mtu = file.mtu ?? .standard
        tunnel.mark = file.mark ?? tunnel.mark
        let stamp = ObjectStamp(createdAt: now, updatedAt: now, revision: 0)
        return tunnel.stamped(stamp, peerCount: file.peers.count)
    }

    /// Its peers.
    ///
    /// - Parameter presharedKeys: those of the peers that have one, by their places; nil puts marks in their place.
    func peers(_ presharedKeys: [Int: SealedSymmetricKey]?, at now: Timestamp) -> [PeerRecord] {
        let mark = Self.unsealed.map { SealedSymmetricKey(secret: $0, fingerprint: .hidden) }
        return zip(file.peers, peerIDs).enumerated().map { index, peer in
            let (peer, id) = peer
            var record = PeerRecord(
                id: id, tunnel: self.id, name: peer.name, publicKey: peer.publicKey.value, privateKey: nil,
                isKeyGenerated: false, allowedIPs: peer.allowedIPs.value)
            if peer.presharedKey != nil { record.presharedKey = presharedKeys.map { $0[index] } ?? mark }
            record.endpoint = peer.endpoint
            record.keepalive = peer.keepalive ?? record.keepalive
            record.allowOverlap = nested.contains(index)
            return record.stamped(ObjectStamp(createdAt: now, updatedAt: now, revision: 0))
        }
    }

    // MARK: Words

    /// A clash, where the file or the request says what clashes.
    func fault(_ subject: Clash.Subject, _ words: String) -> Problem.Fault {
        switch subject {
        case .name: .init(field: source.nameField, detail: "\(isNamed ? "" : "the name ")\(words)")
        case .interface: .init(field: source.interfaceField, detail: words)
        case .listenPort: source.fault(file.listenPort?.line, "ListenPort \(words)")
        case .publicKey: source.fault(file.privateKey.line, "PrivateKey \(words)")
        default: source.fault(file.address.line, "Address \(words)")
        }
    }

    private var isNamed: Bool { source.name != nil }

    /// All that its operator should know, `tunnel` being what becomes of it.
    func warnings(_ tunnel: TunnelRecord, _ rules: NetworkRules) -> [String] {
        let unrouted = zip(file.peers, peers(nil, at: tunnel.stamp.createdAt)).flatMap { peer, record in
            Peers.unrouted(record, tunnel, rules).map { "\(source.field(peer.allowedIPs.line)): \($0)" }
        }
        return source.warnings(source.reading.warnings) + source.warnings(file.remarks) + unrouted
    }

    // MARK: Keys

    /// What the helper is to seal: the tunnel's key, then the pre-shared keys.
    var items: [Seal.Item] {
        let own = Seal.Item(
            object: id, class: .device, purpose: .wireguardPrivateKey, given: file.privateKey.value.secret)
        return [own]
            + zip(file.peers, peerIDs).compactMap { peer, id in
                peer.presharedKey.map {
                    .init(object: id, class: .client, purpose: .wireguardPresharedKey, given: $0.secret)
                }
            }
    }
}
