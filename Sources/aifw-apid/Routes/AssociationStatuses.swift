import HummingbirdCore
import Wire

/// `/api/v1/vpn/ipsec/{id}/status`: what the kernel says of an association's traffic now.
struct AssociationStatuses: Sendable {
    let plane: ControlPlane

    @Sendable func get(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let association = try await plane.store.read { try $0.association(id) }
        let state = try await plane.associationStates(of: [association])[id]
        guard let state, state.isInstalled else { return .bare(["running": false]) }
        return .bare([
            "running": true, "in": Self.json(association.spiIn, state.incoming),
            "out": Self.json(association.spiOut, state.outgoing),
        ])
    }

    /// One way. Of ESP and AH together, what is carried is counted inside by ESP; packets are dropped by either.
    static func json(_ spi: SPI, _ states: [SecurityAssociationState]) -> JSON {
        let inner = states.first
        func sum(_ counter: KeyPath<SecurityAssociationState, UInt64>) -> UInt64 {
            states.reduce(0) { $0 &+ $1[keyPath: counter] }
        }
        let (outside, repeated, unauthentic) = (sum(\.outsideWindow), sum(\.repeated), sum(\.unauthentic))
        return [
            "spi": spi.json,
            "bytes": (inner?.bytes ?? 0).json,
            "packets": (inner?.packets ?? 0).json,
            "failures": (outside &+ repeated &+ unauthentic).json,
            "outside_window": outside.json,
            "repeated": repeated.json,
            "unauthentic": unauthentic.json,
            "added_at": time(inner?.addedAt),
            "used_at": time(inner?.usedAt),
        ]
    }

    private static func time(_ seconds: UInt64?) -> JSON {
        guard let seconds, seconds > 0, seconds < UInt64(Int64.max) / 1000 else { return nil }
        return Timestamp(milliseconds: Int64(seconds) * 1000).json
    }
}
