import Logging
import ServiceLifecycle

/// The service that looks at everything once a period and tells those who live on it: events, traffic, metrics.
///
/// One reading serves them all, so that the helper is asked as often whoever listens.
struct Observer: Service {
    /// What is done with an observation; the next one waits for it.
    typealias Listener = @Sendable (Observation) async -> Void

    let plane: ControlPlane
    let logger: Logger
    var period = Duration.seconds(5)
    let listeners: [Listener]
    /// Told when nothing could be observed.
    var onFailure: @Sendable () -> Void = {}

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await turn()
                // Cancelled by shutdown: the loop's condition ends it.
                try? await Task.sleep(for: period)
            }
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
