import Logging
import ServiceLifecycle

/// The service that keeps the kernel as it should be: at start, when the helper comes back, when a peer expires, and every
/// period.
struct Reconciliation: Service {
    let plane: ControlPlane
    let logger: Logger
    /// How often everything is compared.
    var period = Duration.seconds(30)
    /// How often it is looked whether the helper is still the same: a repair begins within this time after a restart.
    var watch = Duration.milliseconds(500)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var compared = ContinuousClock.now
            var known: Int?
            var expired = Timestamp.now
            while !Task.isCancelled {
                if let generation = await plane.reader.generation(),
                    generation != known || ContinuousClock.now - compared >= period
                {
                    compared = .now
                    await turn(isNew: generation != known)
                    known = generation
                    expired = .now
                } else if known != nil {
                    expired = await dropExpired(since: expired)
                }
                // Cancelled by shutdown: the loop's condition ends it.
                try? await Task.sleep(for: watch)
            }
        }
    }

    /// Returns up to when no peer is overdue: where it fails, the next look begins where this one did.
    private func dropExpired(since start: Timestamp) async -> Timestamp {
        let now = Timestamp.now
        do {
            try await plane.dropExpired(after: start, upTo: now)
            return now
        } catch {
            logger.warning("expired peers could not be dropped", metadata: ["error": .string("\(error)")])
            return start
        }
    }

    private func turn(isNew: Bool) async {
        let (meter, start) = (plane.meters.reconciliation, ContinuousClock.now)
        meter.began()
        do {
            if isNew { try await plane.connectWriter() } else { try await plane.reconcile() }
        } catch {
            meter.failed()
            logger.warning("comparing with the kernel failed", metadata: ["error": .string("\(error)")])
        }
        meter.ended(after: .now - start)
        plane.changes.tell()
    }
}
