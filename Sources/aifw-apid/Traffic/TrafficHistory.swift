/// What a tunnel, a peer or all tunnels together have carried in the slots of a range.
struct TrafficHistory: Sendable, Equatable {
    let range: TrafficRange
    let slots: ClosedRange<Int64>
    /// The oldest first, the last one under way; nil where nothing was observed.
    let amounts: [Traffic?]
    let total: Traffic

    /// - Parameters:
    ///   - created: what it is of was not there before; nil if there is nothing that it could be of.
    ///   - observed: slots of the range, of those that are stored.
    ///   - stored: what was carried in slots of the range.
    ///   - recent: what is not stored yet.
    init(
        _ range: TrafficRange, at now: Timestamp, since created: Timestamp?, observed: Set<Int64>,
        stored: [Int64: Traffic], recent: RecentTraffic
    ) {
        let slots = range.slots(at: now)
        var observed = observed
        for number in recent.observed { observed.insert(range.slot(holding: number, of: .hour)) }
        var carried = stored
        for (number, traffic) in recent.slots {
            carried[range.slot(holding: number, of: .hour), default: Traffic()] += traffic
        }
        let first = created.map(range.slot(at:)) ?? .max
        self.range = range
        self.slots = slots
        amounts = slots.map { number in
            number >= first && observed.contains(number) ? carried[number] ?? Traffic() : nil
        }
        total = recent.total
    }
}
