import HummingbirdCore
import Wire

/// `/api/v1/vpn/summary`: how many of everything there are, and in which state, by the helper's reading.
struct Summary: Sendable {
    let plane: ControlPlane

    @Sendable func get(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let inventory = try await plane.reader.inventory()
        let (tunnels, associations, rules, revision) = try await plane.store.read { transaction in
            (
                try transaction.tunnels(), try transaction.associations(), try transaction.passRules().count,
                try transaction.revision()
            )
        }
        let owned = Dictionary(inventory.tunnels.map { ($0.tunnel, $0) }, uniquingKeysWith: { first, _ in first })
        var states = Counts()
        var peers = Counts()
        for tunnel in tunnels {
            let status = TunnelStatus(
                isEnabled: tunnel.isEnabled, interface: tunnel.interface, owned: owned[tunnel.id],
                fault: plane.faults.fault(of: tunnel.id, isEnabled: tunnel.isEnabled))
            states.add(status.word)
            try await count(tunnel, isThere: owned[tunnel.id] != nil, into: &peers)
        }
        let found = try await plane.associationStates(of: associations)
        var protections = Counts()
        for association in associations {
            guard let state = found[association.id] else { continue }
            protections.add(
                AssociationStatus(
                    isEnabled: association.isEnabled, state: state,
                    fault: plane.faults.fault(of: association.id, isEnabled: association.isEnabled)
                ).word)
        }
        return .data([
            "tunnels": states.json(["up", "down", "error"]),
            "peers": peers.json(["online", "stale", "never", "disabled", "expired"]),
            "associations": protections.json(["up", "down", "error"]),
            "rules": ["total": .integer(Int64(rules))],
            "revision": .integer(revision),
        ])
    }

    /// The peers of a tunnel whose interface is not there have had no handshake since it was made: `never`.
    private func count(_ tunnel: TunnelRecord, isThere: Bool, into counts: inout Counts) async throws {
        guard tunnel.peerCount > 0 else { return }
        let actual = isThere ? try await plane.reader.read(tunnel: tunnel.id, interface: tunnel.interface) : nil
        let handshakes = Dictionary(
            (actual?.peers ?? []).lazy.filter { $0.latestHandshake > 0 }.map { ($0.publicKey, $0.latestHandshake) },
            uniquingKeysWith: { first, _ in first })
        counts = try await plane.store.read { [counts] transaction in
            var counts = counts
            try transaction.forEachPeerInBrief(of: tunnel.id) { peer in
                let condition = PeerCondition(
                    isEnabled: peer.isEnabled, expiresAt: peer.expiresAt,
                    latestHandshake: handshakes[peer.publicKey] ?? 0, now: transaction.now)
                counts.add(condition.rawValue)
            }
            return counts
        }
    }

    /// How many there are of each word.
    private struct Counts: Sendable {
        private var byWord: [String: Int64] = [:]

        mutating func add(_ word: String) { byWord[word, default: 0] += 1 }

        /// The total, then each of the words, those that nothing is called too.
        func json(_ words: [String]) -> JSON {
            .object(
                [.init(name: "total", value: .integer(byWord.values.reduce(0, +)))]
                    + words.map { .init(name: $0, value: .integer(byWord[$0] ?? 0)) })
        }
    }
}
