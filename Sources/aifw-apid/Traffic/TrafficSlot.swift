/// What a tunnel has carried within one slot.
struct TrafficSlot: Sendable, Equatable {
    /// That of all peers, with those that are gone.
    var sum = Traffic()
    var peers = PeerAmounts()

    /// - Parameter growth: each peer once, by its number.
    init(_ growth: [(number: UInt32, traffic: Traffic)] = []) {
        for (_, traffic) in growth { sum += traffic }
        peers = PeerAmounts(growth)
    }

    init(sum: Traffic, peers: PeerAmounts) {
        self.sum = sum
        self.peers = peers
    }

    /// That of one peer, or of all.
    func traffic(of peer: UInt32?) -> Traffic { peer.map { peers[$0] } ?? sum }

    static func += (left: inout TrafficSlot, right: TrafficSlot) {
        left.sum += right.sum
        left.peers += right.peers
    }
}

/// Slots by their numbers.
typealias TrafficSlots = [Int64: TrafficSlot]

extension TrafficSlots {
    /// Adds a slot to the one of the same number.
    mutating func add(_ slot: TrafficSlot, at number: Int64) { self[number, default: TrafficSlot()] += slot }

    /// The same bytes in the slots of a longer range.
    ///
    /// - Parameter range: what these are slots of.
    func rolledUp(from range: TrafficRange, to longer: TrafficRange) -> TrafficSlots {
        var slots = TrafficSlots()
        for (number, slot) in self { slots.add(slot, at: longer.slot(holding: number, of: range)) }
        return slots
    }
}
