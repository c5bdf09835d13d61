import Logging
import ServiceLifecycle

/// The service that looks at everything once a period and tells those who live on it: events, traffic, metrics.
///
/// One reading serves them all, so that the helper is asked as often whoever listens. While somebody watches it also looks
/// soon after each change, but never for more than a tenth of its time.
struct Observer: Service {
    /// What is done with an observation; the next one waits for it. They come at irregular times.
    typealias Listener = @Sendable (Observation) async -> Void

    let plane: ControlPlane
    let logger: Logger
    var period = Duration.seconds(5)
    /// The least time between two looks.
    var rest = Duration.seconds(1)
    /// Whether somebody waits for what a change comes to.
    var isWatched: @Sendable () -> Bool = { false }
    let listeners: [Listener]
    /// Told when nothing could be observed.
    var onFailure: @Sendable () -> Void = {}

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let start = ContinuousClock.now
                let revision = plane.store.revisions.last
                await turn()
                let rest = max(rest, (ContinuousClock.now - start) * 9)
                // Cancelled by shutdown: the loop's condition ends it.
                try? await Task.sleep(for: rest)
                if rest < period { await nextLook(after: revision, within: period - rest) }
            }
        }
    }

    /// Returns when the time is over, or there is a change that somebody waits to see the effect of.
    private func nextLook(after revision: Int64, within time: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await Task.sleep(for: time) }
            if isWatched() { group.addTask { await plane.store.revisions.wait(after: revision) } }
            await group.next()
            group.cancelAll()
        }
    }

    private func turn() async {
        do {
            let observation = try await plane.observe()
            for listener in listeners { await listener(observation) }
        } catch {
            onFailure()
            // A helper that is away is told of by who needs it, and by /readyz.
            logger.debug("nothing could be observed", metadata: ["error": .string("\(error)")])
        }
    }
}
