import Wire

/// What the kernel said of all tunnels, peers and associations at one moment, beside what the store has of them.
struct Observation: Sendable {
    let time: Timestamp
    /// All there are, running or not.
    let tunnels: [ObservedTunnel]
    let associations: [ObservedAssociation]
}

struct ObservedTunnel: Sendable {
    let record: TunnelRecord
    let status: TunnelStatus
    /// All its peers, in the order of their creation.
    let peers: [ObservedPeer]
    /// Where and when the peers' counters were read; nil if its interface is not there.
    var reading: CounterReading?
}

struct ObservedPeer: Sendable {
    let id: ObjectID
    let name: ObjectName
    let publicKey: PublicKey
    let condition: PeerCondition
    /// Nil where the kernel does not have it: the tunnel does not run, or the peer is disabled or expired.
    let state: PeerState?
}

struct ObservedAssociation: Sendable {
    let record: AssociationRecord
    let status: AssociationStatus
    let state: AssociationState
}

extension ControlPlane {
    /// Reads everything once. It costs the helper one reading of each running tunnel and waits for no write.
    ///
    /// - Throws: ``HelperError`` where the helper does not answer.
    func observe() async throws -> Observation {
        let inventory = try await reader.inventory()
        let (tunnels, associations) = try await store.read {
            (try $0.tunnels(), try $0.associations())
        }
        let owned = Dictionary(inventory.tunnels.map { ($0.tunnel, $0) }, uniquingKeysWith: { first, _ in first })
        var observed: [ObservedTunnel] = []
        for tunnel in tunnels {
            let status = TunnelStatus(
                isEnabled: tunnel.isEnabled, interface: tunnel.interface, owned: owned[tunnel.id],
                fault: faults.fault(of: tunnel.id, isEnabled: tunnel.isEnabled))
            let actual =
                owned[tunnel.id] == nil ? nil : try await reader.read(tunnel: tunnel.id, interface: tunnel.interface)
            let peers = try await peers(of: tunnel, actual)
            observed.append(
                ObservedTunnel(record: tunnel, status: status, peers: peers, reading: actual?.reading))
        }
        let states = try await associationStates(of: associations)
        return Observation(
            time: store.now, tunnels: observed,
            associations: associations.compactMap { association in
                guard let state = states[association.id] else { return nil }
                let fault = faults.fault(of: association.id, isEnabled: association.isEnabled)
                return ObservedAssociation(
                    record: association,
                    status: AssociationStatus(isEnabled: association.isEnabled, state: state, fault: fault),
                    state: state)
            })
    }

    private func peers(of tunnel: TunnelRecord, _ actual: ActualTunnel?) async throws -> [ObservedPeer] {
        guard tunnel.peerCount > 0 else { return [] }
        let found = Dictionary(
            (actual?.peers ?? []).lazy.map { ($0.publicKey, $0) }, uniquingKeysWith: { first, _ in first })
        return try await store.read { transaction in
            var peers: [ObservedPeer] = []
            peers.reserveCapacity(tunnel.peerCount)
            try transaction.forEachPeerInBrief(of: tunnel.id) { peer in
                let state = found[peer.publicKey]
                let condition = PeerCondition(
                    isEnabled: peer.isEnabled, expiresAt: peer.expiresAt,
                    latestHandshake: state?.latestHandshake ?? 0, now: transaction.now)
                peers.append(
                    ObservedPeer(
                        id: peer.id, name: peer.name, publicKey: peer.publicKey, condition: condition, state: state))
            }
            return peers
        }
    }
}
