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
            // Up to when no peer is overdue.
            var expired = plane.store.now
            while !Task.isCancelled {
                if let generation = await plane.reader.generation(),
                    generation != known || ContinuousClock.now - compared >= period
                {
                    compared = .now
                    // Who expires while it is compared may have been taken for active.
                    let began = plane.store.now
                    if await turn(isNew: generation != known) { expired = began }
                    known = generation
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
        let now = plane.store.now
        do {
            try await plane.dropExpired(after: start, upTo: now)
            return now
        } catch {
            logger.warning("expired peers could not be dropped", metadata: ["error": .string("\(error)")])
            return start
        }
    }

    /// Returns whether the kernel was compared.
    private func turn(isNew: Bool) async -> Bool {
        let (meter, start) = (plane.meters.reconciliation, ContinuousClock.now)
        meter.began()
        defer {
            meter.ended(after: .now - start)
            plane.changes.tell()
        }
        do {
            if isNew { try await plane.connectWriter() } else { try await plane.reconcile() }
            return true
        } catch {
            meter.failed()
            logger.warning("comparing with the kernel failed", metadata: ["error": .string("\(error)")])
            return false
        }
    }
}
