import Synchronization

/// Keeps test deliveries, each of which a caller waits for, down to a few at once.
final class WebhookTrials: Sendable {
    /// The most at once.
    private static let limit = 4

    private let running = Mutex(0)

    /// Runs `trial`; throws 429 where there are too many already.
    func run(_ trial: @Sendable () async -> WebhookFault?) async throws -> WebhookFault? {
        let isIn = running.withLock { running in
            guard running < Self.limit else { return false }
            running += 1
            return true
        }
        guard isIn else {
            throw Problem(.tooManyRequests, "\(Self.limit) test deliveries are on their way; wait for one of them.")
                .retry(afterSeconds: 15)
        }
        defer { running.withLock { $0 -= 1 } }
        return await trial()
    }
}
