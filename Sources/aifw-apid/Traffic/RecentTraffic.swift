/// What is known of a tunnel's or peer's traffic beside the store.
struct RecentTraffic: Sendable {
    let total: Traffic
    /// Slots of the hour's range.
    var observed: Set<Int64> = []
    var slots: [Int64: Traffic] = [:]
}
