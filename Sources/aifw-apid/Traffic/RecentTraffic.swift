/// What is known of the traffic of a tunnel, a peer or all tunnels beside the store.
struct RecentTraffic: Sendable {
    var total: Traffic
    /// Slots of the hour's range.
    var observed: Set<Int64> = []
    var slots: [Int64: Traffic] = [:]
}
