import Wire

/// Slots of the hour's range that are not in the store yet.
struct PendingSlots: Sendable {
    /// The number of the write that they come into the store by.
    let write: Int64
    /// In which something was observed, whether or not it had carried anything.
    var observed: Set<Int64> = []
    var tunnels: [ObjectID: TrafficSlots] = [:]

    mutating func add(_ slot: TrafficSlot, of tunnel: ObjectID, at number: Int64) {
        observed.insert(number)
        tunnels[tunnel, default: [:]].add(slot, at: number)
    }

    static func += (left: inout PendingSlots, right: PendingSlots) {
        left.observed.formUnion(right.observed)
        for (tunnel, slots) in right.tunnels {
            for (number, slot) in slots { left.tunnels[tunnel, default: [:]].add(slot, at: number) }
        }
    }

    /// Takes out all but one, which is under way; nil for all.
    mutating func takeAll(but open: Int64?) -> PendingSlots {
        var rest = PendingSlots(write: write + 1)
        if let open, observed.remove(open) != nil { rest.observed = [open] }
        for tunnel in Array(tunnels.keys) {
            guard let open, let slot = tunnels[tunnel]?.removeValue(forKey: open) else { continue }
            rest.tunnels[tunnel] = [open: slot]
        }
        defer { self = rest }
        return self
    }

    /// Keeps so many at most, the latest, where they can't be stored for long.
    mutating func keep(atMost limit: Int) {
        guard observed.count > limit else { return }
        observed = Set(observed.sorted().suffix(limit))
        for tunnel in Array(tunnels.keys) { tunnels[tunnel] = tunnels[tunnel]?.filter { observed.contains($0.key) } }
    }
}
