import HummingbirdCore
import Wire

/// `/api/v1/vpn/summary`: how many of everything there are, and in which state, by the helper's reading; and what of it needs
/// somebody's attention.
struct Summary: Sendable {
    let plane: ControlPlane

    @Sendable func get(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let inventory = try await plane.reader.inventory()
        let missing = try await plane.missingRules()
        let (tunnels, associations, expiring, revision) = try await plane.store.read { transaction in
            (
                try transaction.tunnels(), try transaction.associations(),
                try transaction.peersExpiring(
                    upTo: Timestamp(milliseconds: transaction.now.milliseconds + Attention.notice),
                    atMost: Attention.limit), try transaction.revision()
            )
        }
        var attention = Attention()
        attention.add(expiring: expiring.first, of: expiring.total)
        var rules = 0
        func look(at owned: [PassRule], of object: AuditObject) {
            rules += owned.count
            attention.add(rules: owned, of: object, missing: missing)
        }
        let owned = Dictionary(inventory.tunnels.map { ($0.tunnel, $0) }, uniquingKeysWith: { first, _ in first })
        var states = Counts()
        var peers = Counts()
        for tunnel in tunnels {
            let status = TunnelStatus(
                isEnabled: tunnel.isEnabled, interface: tunnel.interface, owned: owned[tunnel.id],
                fault: plane.faults.fault(of: tunnel.id, isEnabled: tunnel.isEnabled))
            states.add(status.word)
            attention.add(tunnel, status)
            look(at: tunnel.passRules, of: tunnel.object)
            let silence = try await count(tunnel, isThere: owned[tunnel.id] != nil, into: &peers)
            if let silence, status == .up { attention.add(silent: tunnel, since: silence) }
        }
        let found = try await plane.associationStates(of: associations)
        var protections = Counts()
        for association in associations {
            look(at: association.passRules, of: association.object)
            guard let state = found[association.id] else { continue }
            let status = AssociationStatus(
                isEnabled: association.isEnabled, state: state,
                fault: plane.faults.fault(of: association.id, isEnabled: association.isEnabled))
            protections.add(status.word)
            attention.add(association, status)
        }
        return .data(
            .object(
                [
                    .init(name: "tunnels", value: states.json(["up", "down", "error"])),
                    .init(name: "peers", value: peers.json(["online", "stale", "never", "disabled", "expired"])),
                    .init(name: "associations", value: protections.json(["up", "down", "error"])),
                    .init(name: "rules", value: ["total": .integer(Int64(rules))]),
                    .init(name: "revision", value: .integer(revision)),
                ] + attention.json))
    }

    /// The peers of a tunnel whose interface is not there have had no handshake since it was made: `never`.
    ///
    /// Returns when the latest handshake was, if there was one and nobody is online.
    private func count(_ tunnel: TunnelRecord, isThere: Bool, into counts: inout Counts) async throws -> Timestamp? {
        guard tunnel.peerCount > 0 else { return nil }
        let actual = isThere ? try await plane.reader.read(tunnel: tunnel.id, interface: tunnel.interface) : nil
        let handshakes = Dictionary(
            (actual?.peers ?? []).lazy.filter { $0.latestHandshake > 0 }.map { ($0.publicKey, $0.latestHandshake) },
            uniquingKeysWith: { first, _ in first })
        let (sum, latest, isSilent) = try await plane.store.read { [counts] transaction in
            var (counts, latest, isSilent) = (counts, UInt64(0), true)
            try transaction.forEachPeerInBrief(of: tunnel.id) { peer in
                let handshake = handshakes[peer.publicKey] ?? 0
                let condition = PeerCondition(
                    isEnabled: peer.isEnabled, expiresAt: peer.expiresAt, latestHandshake: handshake,
                    now: transaction.now)
                counts.add(condition.rawValue)
                latest = max(latest, handshake)
                if condition == .online { isSilent = false }
            }
            return (counts, latest, isSilent)
        }
        counts = sum
        return isSilent && latest > 0 ? Timestamp(milliseconds: Int64(clamping: latest) * 1000) : nil
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
