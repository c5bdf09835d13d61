import Metrics
import Wire

/// How long requests to the helper take, over both connections, and what becomes of them.
struct HelperMeter: Sendable {
    private struct Handles: Sendable {
        let duration: Timer
        let refused: Counter
        let unavailable: Counter
    }

    private let handles: [Request.Kind: Handles]

    init(factory: any MetricsFactory) {
        let pairs = Request.Kind.allCases.map { kind in
            let request = ("request", kind.rawValue)
            return (
                kind,
                Handles(
                    duration: Timer(.helperDuration, [request], factory),
                    refused: Counter(.helperFailures, [request, ("reason", "refused")], factory),
                    unavailable: Counter(.helperFailures, [request, ("reason", "unavailable")], factory))
            )
        }
        handles = Dictionary(uniqueKeysWithValues: pairs)
    }

    /// Has a request of a kind done, whose answer may be several frames.
    func time<Value>(
        _ kind: Request.Kind, _ body: () throws(HelperError) -> Value
    ) throws(HelperError) -> Value {
        let start = ContinuousClock.now
        do throws(HelperError) {
            let value = try body()
            handles[kind]?.duration.record(ContinuousClock.now - start)
            return value
        } catch {
            handles[kind]?.duration.record(ContinuousClock.now - start)
            switch error {
            case .refused: handles[kind]?.refused.increment()
            case .unavailable: handles[kind]?.unavailable.increment()
            }
            throw error
        }
    }
}
