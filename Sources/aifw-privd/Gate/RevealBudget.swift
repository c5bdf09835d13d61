import Wire

/// How many secrets are revealed: ``burst`` at once, then one every ``interval``. A value without a clock of its own.
///
/// It is kept as time: each secret costs an interval, time that passes is saved up, to what a whole burst costs. So whoever
/// takes the API daemon over needs that long for more, and leaves a line in the journal for each.
struct RevealBudget: Equatable {
    static let burst = 10_000
    /// Milliseconds a secret: 50 a second.
    static let interval: Int64 = 20

    private var saved = Int64(burst) * interval
    private var asked: Int64

    init(now: Int64) { asked = now }

    /// Takes that many secrets out of the budget, or none.
    ///
    /// - Parameter now: ``Clock/now``.
    mutating func take(_ count: Int, now: Int64) throws(Refusal) {
        saved = min(Int64(Self.burst) * Self.interval, saved + now - asked)
        asked = now
        let cost = Int64(count) * Self.interval
        guard cost <= saved else {
            let seconds = (cost - saved + 999) / 1000
            throw Refusal(
                .rate,
                "at most \(Self.burst) secrets are revealed at once, and \(1000 / Self.interval) a second after that; "
                    + "come back in \(seconds) s", field: "secrets", retryAfter: UInt64(seconds))
        }
        saved -= cost
    }
}
