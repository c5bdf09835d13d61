import Wire

/// Slots of all ranges, as they are to be in the store.
struct TrafficRows: Sendable {
    /// The number of the write.
    let write: Int64
    var observed: [TrafficRange: Set<Int64>] = [:]
    var tunnels: [ObjectID: [TrafficRange: TrafficSlots]] = [:]

    /// The slots of the hour's range, and what they add to those of the others.
    init(_ pending: PendingSlots) {
        write = pending.write
        for range in TrafficRange.allCases {
            observed[range] = Set(pending.observed.map { range.slot(holding: $0, of: .hour) })
        }
        for (tunnel, hourly) in pending.tunnels {
            let daily = hourly.rolledUp(from: .hour, to: .day)
            tunnels[tunnel] = [
                .hour: hourly, .day: daily, .month: daily.rolledUp(from: .day, to: .month),
            ]
        }
    }

    /// Adds what the store has of these slots already: one that is under way is written several times.
    mutating func add(_ stored: (ObjectID, TrafficRange, Int64) throws -> TrafficSlot?) rethrows {
        for (tunnel, ranges) in tunnels {
            for (range, slots) in ranges {
                for number in slots.keys {
                    guard let slot = try stored(tunnel, range, number) else { continue }
                    tunnels[tunnel]?[range]?.add(slot, at: number)
                }
            }
        }
    }
}
