import Metrics

/// Comparisons with the kernel, and what had to be put right.
struct ReconciliationMeter: Sendable {
    private let runs: Counter
    private let failures: Counter
    private let duration: Timer
    private let repairs: [String: Counter]
    private let refusals: [String: Counter]

    init(factory: any MetricsFactory) {
        runs = Counter(.reconcileRuns, [], factory)
        failures = Counter(.reconcileFailures, [], factory)
        duration = Timer(.reconcileDuration, [], factory)
        func counters(_ family: MetricFamily) -> [String: Counter] {
            Dictionary(
                uniqueKeysWithValues: RepairSubject.kinds.map { ($0, Counter(family, [("kind", $0)], factory)) })
        }
        repairs = counters(.repairs)
        refusals = counters(.repairFailures)
    }

    /// A comparison begins.
    func began() { runs.increment() }

    /// It is over.
    func ended(after duration: Duration) { self.duration.record(duration) }

    /// It could not be carried out.
    func failed() { failures.increment() }

    /// A repair begins.
    func repairing(_ subject: RepairSubject) { repairs[subject.kind]?.increment() }

    /// It was refused.
    func refused(_ subject: RepairSubject) { refusals[subject.kind]?.increment() }
}

extension RepairSubject {
    fileprivate static let kinds = ["tunnel", "association", "strays", "rules"]

    /// The one of ``kinds`` that it is.
    fileprivate var kind: String {
        switch self {
        case .tunnel: Self.kinds[0]
        case .association: Self.kinds[1]
        case .strays: Self.kinds[2]
        case .rules: Self.kinds[3]
        }
    }
}
