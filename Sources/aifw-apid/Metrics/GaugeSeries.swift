import Metrics
import Synchronization

/// One series that goes up and down.
final class GaugeSeries: MeterHandler {
    private let state = Mutex<Double>(0)

    var value: Double { state.withLock { $0 } }

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) { state.withLock { $0 = value } }

    func increment(by amount: Double) { state.withLock { $0 += amount } }

    func decrement(by amount: Double) { state.withLock { $0 -= amount } }
}
