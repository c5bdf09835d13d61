import Wire

/// What an administrator should look at: the worst first, so many at most, and how many there are in all.
struct Attention: Sendable {
    /// The worst first.
    enum Kind: String, Sendable, CaseIterable {
        case tunnelError = "tunnel-error"
        case associationError = "association-error"
        case ruleNotLoaded = "rule-not-loaded"
        case peerExpiring = "peer-expiring"
        /// It runs, and of those that have ever reached it nobody does now.
        case tunnelStale = "tunnel-stale"
    }

    private struct Item: Sendable {
        let kind: Kind
        let object: AuditObject
        /// The tunnel of a peer.
        var tunnel: ObjectID?
        let detail: String
        /// When a peer expires, or the latest handshake of a tunnel was.
        var at: Timestamp?
    }

    /// How many are named at most.
    static let limit = 100
    /// How long before its end a peer is told of, in milliseconds.
    static let notice: Int64 = 7 * 86_400_000

    private var items: [Item] = []
    private var peersLeftOut = 0

    // MARK: What there is

    mutating func add(_ tunnel: TunnelRecord, _ status: TunnelStatus) {
        guard case .error(let detail) = status else { return }
        items.append(Item(kind: .tunnelError, object: tunnel.object, detail: detail))
    }

    mutating func add(_ association: AssociationRecord, _ status: AssociationStatus) {
        guard let detail = status.detail else { return }
        items.append(Item(kind: .associationError, object: association.object, detail: detail))
    }

    /// - Parameters:
    ///   - rules: those that the object needs now.
    ///   - missing: all that are not loaded.
    mutating func add(rules: [PassRule], of object: AuditObject, missing: Set<PassRule>) {
        let lacking = missing.isEmpty ? [] : rules.filter(missing.contains)
        guard !lacking.isEmpty else { return }
        let kinds = PassRule.Kind.allCases.filter { kind in lacking.contains { $0.kind == kind } }
        let words = kinds.map(\.rawValue).joined(separator: ", ")
        items.append(
            Item(
                kind: .ruleNotLoaded, object: object,
                detail: "the packet filter lacks \(lacking.count) of its \(rules.count) rules (\(words)); "
                    + "it is being put right"))
    }

    /// - Parameter total: how many expire so soon, with those that are not among `peers`.
    mutating func add(expiring peers: [ExpiringPeer], of total: Int) {
        peersLeftOut += total - peers.count
        for peer in peers {
            items.append(
                Item(
                    kind: .peerExpiring, object: AuditObject(kind: .peer, id: peer.id, name: peer.name),
                    tunnel: peer.tunnel, detail: "it can't connect any more from \(peer.expiresAt) on",
                    at: peer.expiresAt))
        }
    }

    /// - Parameter handshake: the latest of a tunnel's peers.
    mutating func add(silent tunnel: TunnelRecord, since handshake: Timestamp) {
        let whose = tunnel.peerCount == 1 ? "its one peer is not" : "none of its \(tunnel.peerCount) peers is"
        items.append(
            Item(kind: .tunnelStale, object: tunnel.object, detail: "\(whose) online", at: handshake))
    }

    // MARK: Answer

    var json: [JSON.Member] {
        let ranks = Dictionary(uniqueKeysWithValues: Kind.allCases.enumerated().map { ($1, $0) })
        let order = items.map { item in
            // What was or will be first is first; then by name.
            (rank: ranks[item.kind] ?? 0, at: item.at?.milliseconds ?? 0, name: item.object.name.key, item: item)
        }
        let worst = order.sorted { ($0.rank, $0.at, $0.name) < ($1.rank, $1.at, $1.name) }.prefix(Self.limit)
        return [
            .init(name: "attention", value: .array(worst.map { Self.json($0.item) })),
            .init(name: "attention_total", value: .integer(Int64(items.count + peersLeftOut))),
        ]
    }

    private static func json(_ item: Item) -> JSON {
        let object = item.object
        var members: [JSON.Member] = [
            .init(name: "type", value: .text(object.kind.rawValue)), .init(name: "id", value: object.id.json),
            .init(name: "name", value: object.name.json),
        ]
        if let tunnel = item.tunnel { members.append(.init(name: "tunnel_id", value: tunnel.json)) }
        return [
            "kind": .text(item.kind.rawValue), "object": .object(members), "detail": .text(item.detail),
            "at": item.at?.json ?? nil,
        ]
    }
}
