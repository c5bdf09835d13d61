import Logging
import Wire

/// Endpoints that are host names: what they stand for is found out here, and set in the kernel where nobody is heard from.
///
/// No plan knows of it: to a comparison a peer with a name has an endpoint that is right, whichever it is. So nothing that is
/// compared or written waits for the DNS.
extension ControlPlane {
    /// How long anybody waits for a look-up.
    private static let patience = Duration.seconds(3)
    /// The most names that are looked up in a turn.
    private static let turnLimit = 64

    /// What a name in a request stands for; nil where there is none. Asked before the write.
    func lookUp(_ endpoint: PeerEndpoint?) async -> EndpointNames.Answer? {
        guard let name = endpoint?.name else { return nil }
        return await names.lookUp(name, within: Self.patience)
    }

    /// Looks at all peers with names, and at no other: who is silent has its name looked up, and is told to be where that
    /// leads now. Returns whether more names wait to be looked up.
    func followEndpoints() async throws -> Bool {
        let (all, tunnels) = try await store.read { transaction in
            let all = try transaction.peersWithNames()
            return (all, try Set(all.map(\.tunnel)).map { try transaction.tunnel($0) })
        }
        names.keep(only: Set(all.map(\.name)))
        guard !all.isEmpty, await reader.generation() != nil else { return false }
        let peers = Dictionary(grouping: all, by: \.tunnel)
        var silent: Set<HostName> = []
        for tunnel in tunnels {
            for (peer, _) in try await self.silent(peers[tunnel.id] ?? [], of: tunnel) { silent.insert(peer.name) }
        }
        let due = names.due(silent)
        await names.lookUp(all: Array(due.prefix(Self.turnLimit)), within: Self.patience)
        for tunnel in tunnels {
            let peers = (peers[tunnel.id] ?? []).filter { silent.contains($0.name) }
            guard !peers.isEmpty else { continue }
            // Read again, for a look-up takes its time: who has called meanwhile is left where he is.
            try await move(try await self.silent(peers, of: tunnel), of: tunnel.id)
        }
        return due.count > Self.turnLimit
    }

    /// Those of the peers that the kernel has and nobody has heard from, with what it has of them.
    private func silent(
        _ peers: [NamedPeer], of tunnel: TunnelRecord
    ) async throws -> [(peer: NamedPeer, state: PeerState)] {
        let actual = try await reader.read(tunnel: tunnel.id, interface: tunnel.interface)
        let states = Dictionary(
            (actual?.peers ?? []).map { ($0.publicKey, $0) }, uniquingKeysWith: { first, _ in first })
        let now = try await store.read { $0.now }
        return peers.compactMap { peer in
            states[peer.publicKey].flatMap { EndpointFollowing.isSilent($0, at: now) ? (peer, $0) : nil }
        }
    }

    private func move(_ silent: [(peer: NamedPeer, state: PeerState)], of tunnel: ObjectID) async throws {
        let moves = silent.compactMap { peer, state in
            names.answer(for: peer.name).flatMap {
                EndpointFollowing.endpoint(at: $0.addresses, port: peer.endpoint.port, running: state.endpoint)
            }.map { (peer: peer, endpoint: $0) }
        }
        guard !moves.isEmpty else { return }
        for (peer, endpoint) in moves {
            logger.info(
                "a peer is to be reached where its name leads now",
                metadata: [
                    "peer": .stringConvertible(peer.id), "name": .stringConvertible(peer.name),
                    "endpoint": .stringConvertible(endpoint),
                ])
        }
        try await write { transaction, helper in
            for (named, endpoint) in moves {
                // It may have become another since, or be gone.
                guard let peer = try transaction.peerIfAny(named.id, of: tunnel), NamedPeer(peer) == named else {
                    continue
                }
                let tunnel = try transaction.tunnel(tunnel)
                try helper.apply(peer.requests(toBeReachedAt: endpoint, in: tunnel, at: transaction.now))
            }
        }
    }
}

extension PeerRecord {
    /// What has a peer be reached where its name leads; nothing where it has none, or that is not known.
    func requests(toFollow found: EndpointNames.Answer?, in tunnel: TunnelRecord, at now: Timestamp) -> [Request] {
        guard let endpoint, endpoint.name != nil, let address = found?.addresses.first else { return [] }
        return requests(toBeReachedAt: Endpoint(address, endpoint.port), in: tunnel, at: now)
    }

    /// What sets a peer's endpoint in the kernel, and nothing else; nothing where the peer is not to be there.
    func requests(toBeReachedAt endpoint: Endpoint, in tunnel: TunnelRecord, at now: Timestamp) -> [Request] {
        guard tunnel.isEnabled, isActive(at: now) else { return [] }
        let change = PeerChange(publicKey: publicKey, endpoint: endpoint)
        return [.applyPeers(ApplyPeers(tunnel: tunnel.id, interface: tunnel.interface, set: [change]))]
    }
}
