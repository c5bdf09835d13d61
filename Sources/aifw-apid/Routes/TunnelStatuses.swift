import HummingbirdCore
import Wire

/// `/api/v1/vpn/wg/{id}/status`: what the kernel says of a tunnel and its peers now.
struct TunnelStatuses: Sendable {
    let plane: ControlPlane

    @Sendable func get(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let tunnel = try await plane.store.read { try $0.tunnel(id) }
        let actual = try await plane.reader.read(tunnel: id, interface: tunnel.interface)
        guard let actual, actual.state.isUp else {
            return .bare(["running": false, "interface": tunnel.interface.json, "peers": []])
        }
        let found = Dictionary(actual.peers.map { ($0.publicKey, $0) }, uniquingKeysWith: { first, _ in first })
        let peers = try await plane.store.read { transaction in
            var peers: [JSON] = []
            peers.reserveCapacity(tunnel.peerCount)
            try transaction.forEachPeer(of: id) { peer in
                let fault = peer.endpoint?.name.flatMap { plane.names.answer(for: $0)?.fault }
                peers.append(Self.json(peer, found[peer.publicKey], fault, transaction.now))
            }
            return peers
        }
        return .bare([
            "running": true,
            "interface": tunnel.interface.json,
            "listen_port": actual.state.listenPort?.json ?? nil,
            "public_key": actual.state.publicKey?.json ?? nil,
            "peer_count": .integer(Int64(peers.count)),
            "peers": .array(peers),
        ])
    }

    /// - Parameter fault: why the host name of its endpoint could not be resolved the last time.
    private static func json(
        _ peer: PeerRecord, _ state: PeerState?, _ fault: String?, _ now: Timestamp
    ) -> JSON {
        let handshake = state?.latestHandshake ?? 0
        let time = Timestamp(milliseconds: Int64(clamping: handshake) * 1000)
        let condition = PeerCondition(
            isEnabled: peer.isEnabled, expiresAt: peer.expiresAt, latestHandshake: handshake, now: now)
        return [
            "id": peer.id.json,
            "name": peer.name.json,
            "public_key": peer.publicKey.json,
            "endpoint": state?.endpoint?.json ?? peer.endpoint?.json ?? nil,
            "endpoint_detail": fault.map { .text("its name can't be resolved: \($0)") } ?? nil,
            "allowed_ips": .text(peer.allowedIPs.elements.map(\.description).joined(separator: ",")),
            "state": .text(condition.rawValue),
            "latest_handshake": handshake == 0 ? nil : time.json,
            "latest_handshake_secs_ago": handshake == 0
                ? -1 : .integer(max(0, (now.milliseconds - time.milliseconds) / 1000)),
            "transfer_rx": state?.received.json ?? 0,
            "transfer_tx": state?.sent.json ?? 0,
            "persistent_keepalive": peer.keepalive.rawValue == 0 ? nil : peer.keepalive.json,
        ]
    }
}
