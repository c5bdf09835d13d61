import Metrics
import Synchronization

/// One series of durations: how many there were up to each bound, and their sum. Recording one is two additions without a
/// lock.
final class HistogramSeries: TimerHandler, Sendable {
    /// In seconds: from a request that is answered from memory to one that waits for a helper which hangs.
    static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    private static let nanoseconds = bounds.map { Int64($0 * 1e9) }

    /// What has been recorded until some moment. The sum may be ahead of the counts by what is being recorded then.
    struct Reading: Sendable, Equatable {
        /// One for each bound, of what was above the bound before, and one for what was above all.
        var counts: [UInt64]
        /// In seconds.
        var sum: Double
    }

    private nonisolated(unsafe) let counts: UnsafeMutablePointer<Atomic<UInt64>>
    private let sum = Atomic<UInt64>(0)

    init() {
        // A noncopyable value can't be in an array. Never given away, given back with the series.
        counts = .allocate(capacity: Self.bounds.count + 1)
        for index in 0...Self.bounds.count { (counts + index).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize(count: Self.bounds.count + 1)
        counts.deallocate()
    }

    func recordNanoseconds(_ duration: Int64) {
        // The clock is monotonic; whoever has another one may be off by some.
        let duration = max(duration, 0)
        var index = 0
        while index < Self.nanoseconds.count, duration > Self.nanoseconds[index] { index += 1 }
        counts[index].wrappingAdd(1, ordering: .relaxed)
        sum.wrappingAdd(UInt64(duration), ordering: .relaxed)
    }

    var reading: Reading {
        Reading(
            counts: (0...Self.bounds.count).map { counts[$0].load(ordering: .relaxed) },
            sum: Double(sum.load(ordering: .relaxed)) / 1e9)
    }
}
