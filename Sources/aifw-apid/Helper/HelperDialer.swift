import Wire

/// Makes connections to the helper, and spares everybody the wait for one that hangs.
///
/// A helper that is not there refuses at once. One that is there and does not answer (stopped, or stuck in the kernel) costs
/// whoever finds out some seconds; who comes shortly after is told without waiting.
///
/// It belongs to one queue, as its connections do.
final class HelperDialer: @unchecked Sendable {
    /// How long nobody tries again after a wait in vain.
    private static let pause = Duration.seconds(5)
    /// What tells a wait in vain from a refusal.
    private static let patience = Duration.seconds(1)

    let path: String
    private let channel: Greet.Channel
    private let meter: HelperMeter
    private var stalled: ContinuousClock.Instant?

    init(path: String, channel: Greet.Channel, meter: HelperMeter) {
        self.path = path
        self.meter = meter
        self.channel = channel
    }

    func connect() throws(HelperError) -> HelperConnection {
        if let stalled, .now - stalled < Self.pause {
            throw HelperError.unavailable("it did not answer a moment ago")
        }
        let start = ContinuousClock.now
        do {
            let connection = try HelperConnection(path: path, channel: channel, meter: meter)
            stalled = nil
            return connection
        } catch {
            noteFailure(since: start)
            throw error
        }
    }

    /// A call has failed that began at `start`.
    func noteFailure(since start: ContinuousClock.Instant) {
        if .now - start >= Self.patience { stalled = .now }
    }
}
