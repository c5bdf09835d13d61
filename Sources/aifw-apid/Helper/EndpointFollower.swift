import Logging
import ServiceLifecycle

/// The service that looks after peers whose endpoint is a host name: after every change, and every comparison with the kernel.
struct EndpointFollower: Service {
    let plane: ControlPlane
    let logger: Logger
    /// How long it rests between two turns, so that many changes cost one.
    var rest = Duration.seconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in plane.changes.all {
                await turn()
                // Cancelled by shutdown, which ends the loop as well.
                try? await Task.sleep(for: rest)
            }
        }
    }

    private func turn() async {
        do {
            if try await plane.followEndpoints() { plane.changes.tell() }
        } catch {
            logger.warning("endpoints could not be looked after", metadata: ["error": .string("\(error)")])
        }
    }
}
