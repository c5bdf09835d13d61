import HummingbirdCore
import Wire

/// `/api/v1/vpn/wg/{id}/history`, what a tunnel or one of its peers has carried, and when; `/api/v1/vpn/history`, all tunnels
/// together.
struct TrafficHistories: Sendable {
    let plane: ControlPlane

    @Sendable func get(_ context: APIContext) async throws -> Response {
        let reader = context.query
        let range: TrafficRange = reader.choice("range") ?? .hour
        let peer = reader.optional("peer") { (text) throws(ValueError) in try ObjectID(text) }
        try reader.finish()
        return .data(try await history(of: context.id("id"), peer, range).json)
    }

    @Sendable func getAll(_ context: APIContext) async throws -> Response {
        let reader = context.query
        let range: TrafficRange = reader.choice("range") ?? .hour
        try reader.finish()
        return .data(try await history(range).json)
    }

    /// Of all tunnels that there are.
    func history(_ range: TrafficRange) async throws -> TrafficHistory {
        while true {
            let view = try await plane.store.read { transaction in
                let slots = range.slots(at: transaction.now)
                return (
                    write: try transaction.trafficWrite(), now: transaction.now,
                    tunnels: try transaction.tunnels(),
                    observed: try transaction.observedSlots(in: range, slots),
                    stored: try transaction.traffic(in: range, slots)
                )
            }
            // As with one tunnel.
            guard let recent = plane.ledger.recent(of: view.tunnels.map(\.id), after: view.write) else { continue }
            return TrafficHistory(
                range, at: view.now, since: view.tunnels.map(\.stamp.createdAt).min(), observed: view.observed,
                stored: view.stored, recent: recent)
        }
    }

    func history(of tunnel: ObjectID, _ peer: ObjectID?, _ range: TrafficRange) async throws -> TrafficHistory {
        let number = peer.flatMap { plane.ledger.number(of: $0, in: tunnel) }
        while true {
            let view = try await plane.store.read { transaction in
                let created = try transaction.tunnel(tunnel).stamp.createdAt
                let slots = range.slots(at: transaction.now)
                // A peer without a number has no slots.
                let hasSlots = peer == nil || number != nil
                return (
                    write: try transaction.trafficWrite(), now: transaction.now,
                    created: try peer.map { try transaction.peer($0, of: tunnel).stamp.createdAt } ?? created,
                    observed: try transaction.observedSlots(in: range, slots),
                    stored: hasSlots ? try transaction.traffic(of: tunnel, peer: number, in: range, slots) : [:]
                )
            }
            // Where slots went into the store between the two looks, which happens once in minutes, both are repeated.
            guard let recent = plane.ledger.recent(of: tunnel, peer, after: view.write) else { continue }
            return TrafficHistory(
                range, at: view.now, since: view.created, observed: view.observed, stored: view.stored, recent: recent)
        }
    }
}

extension TrafficHistory {
    fileprivate var json: JSON {
        [
            "range": .text(range.rawValue),
            "step": .integer(range.step),
            "from": range.start(of: slots.lowerBound).json,
            "to": range.start(of: slots.upperBound + 1).json,
            "received": .array(amounts.map { $0.map { .integer(Int64(clamping: $0.received)) } ?? nil }),
            "sent": .array(amounts.map { $0.map { .integer(Int64(clamping: $0.sent)) } ?? nil }),
            "total": [
                "received": .integer(Int64(clamping: total.received)), "sent": .integer(Int64(clamping: total.sent)),
            ],
        ]
    }
}
