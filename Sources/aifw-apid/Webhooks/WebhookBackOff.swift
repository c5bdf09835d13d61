/// How long it is waited before a delivery is tried again: 5 s at first, twice as long each time, an hour at most.
enum WebhookBackOff {
    private static let first: Int64 = 5_000
    static let most: Int64 = 3_600_000

    /// Milliseconds, between half of that and all of it as `chance`, from 0 to 1, has it.
    ///
    /// - Parameter failures: how many attempts have failed in a row, the last one counted.
    static func pause(after failures: Int, chance: Double) -> Int64 {
        let doublings = min(max(failures - 1, 0), 10)
        let full = min(first << Int64(doublings), most)
        return full / 2 + Int64(Double(full / 2) * min(max(chance, 0), 1))
    }
}
