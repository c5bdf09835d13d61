/// How far back a history goes: so many slots of equal length, the last of which is under way.
enum TrafficRange: String, Sendable, CaseIterable {
    case hour, day, month

    /// Seconds.
    var step: Int64 {
        switch self {
        case .hour: 10
        case .day: 300
        case .month: 7200
        }
    }

    var count: Int64 {
        switch self {
        case .hour: 360
        case .day: 288
        case .month: 360
        }
    }

    /// The number of the slot that a moment is in: they are counted from 1970 on.
    func slot(at time: Timestamp) -> Int64 { time.milliseconds / (step * 1000) }

    /// The slot that one of a shorter range is in.
    func slot(holding number: Int64, of shorter: TrafficRange) -> Int64 { number * shorter.step / step }

    func start(of slot: Int64) -> Timestamp { Timestamp(milliseconds: slot * step * 1000) }

    /// The slots that a history has at this moment.
    func slots(at time: Timestamp) -> ClosedRange<Int64> {
        let last = slot(at: time)
        return last - count + 1...last
    }
}
