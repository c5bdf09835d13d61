import Metrics

/// Transactions of the store.
struct StoreMeter: Sendable {
    private let commits: Counter
    private let failures: Counter

    init(factory: any MetricsFactory) {
        commits = Counter(.commits, [], factory)
        failures = Counter(.commitFailures, [], factory)
    }

    /// A transaction has reached the disk.
    func committed() { commits.increment() }

    /// One could not be begun or committed.
    func failed() { failures.increment() }
}
