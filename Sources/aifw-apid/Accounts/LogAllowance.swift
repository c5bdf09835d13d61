/// How many failed log-ins get into the log: a flood must not fill the disk. A value without a clock.
///
/// A hundred at once, then one more each ten seconds. Those in between are counted, and the next one that gets in says how
/// many they were.
struct LogAllowance {
    static let most: Int64 = 100
    static let interval: Int64 = 10_000

    private var left = most
    private var lastGain: Int64?
    private var passedOver = 0

    /// How many were passed over since the last one that got in; nil if this one does not get in either.
    mutating func take(at time: Timestamp) -> Int? {
        let now = time.milliseconds
        let gained = max(now - (lastGain ?? now), 0) / Self.interval
        left = min(left + gained, Self.most)
        // A clock that was set back starts the count anew.
        lastGain = left == Self.most || (lastGain ?? now) > now ? now : (lastGain ?? now) + gained * Self.interval
        guard left > 0 else {
            passedOver += 1
            return nil
        }
        left -= 1
        defer { passedOver = 0 }
        return passedOver
    }
}
