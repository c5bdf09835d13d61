import Metrics
import Synchronization

/// Where swift-metrics keeps what is recorded: in memory, and no more of it than ``MetricFamily/recorded`` names.
///
/// What a library records under a name of its own is not kept: its names are not by Prometheus' guide, and nobody has
/// looked at how many series it makes. The same label and dimensions are the same series, whoever asks for it.
final class MetricsRegistry: MetricsFactory {
    /// The most series of a family; what would be one more is not kept.
    static let limit = 4000

    private enum Series: Sendable {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)
    }

    private let kinds = Dictionary(uniqueKeysWithValues: MetricFamily.recorded.map { ($0.name, $0.kind) })
    private let families = Mutex<[String: [MetricLabels: Series]]>([:])

    /// A new one which all of the process record to. For the start, once.
    static func bootstrapped() -> MetricsRegistry {
        let registry = MetricsRegistry()
        MetricsSystem.bootstrap(registry)
        return registry
    }

    /// Adds all that was recorded, in the order of the families and then of labels.
    func expose(to exposition: inout Exposition) {
        let families = families.withLock { $0 }
        for family in MetricFamily.recorded {
            var counters: [(labels: MetricLabels, value: Int64)] = []
            var gauges: [(labels: MetricLabels, value: Double)] = []
            var histograms: [(labels: MetricLabels, value: HistogramSeries.Reading)] = []
            for (labels, series) in (families[family.name] ?? [:]).sorted(by: { $0.key.text < $1.key.text }) {
                switch series {
                case .counter(let series): counters.append((labels, series.value))
                case .gauge(let series): gauges.append((labels, series.value))
                case .histogram(let series): histograms.append((labels, series.reading))
                }
            }
            switch family.kind {
            case .counter: exposition.add(family, counters)
            case .gauge: exposition.add(family, gauges)
            case .histogram: exposition.add(family, histograms)
            }
        }
    }

    // MARK: What swift-metrics asks for

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        if case .counter(let series) = series(label, dimensions, .counter, { .counter(CounterSeries()) }) {
            return series
        }
        return NOOPMetricsHandler.instance
    }

    func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { NOOPMetricsHandler.instance }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        if case .gauge(let series) = series(label, dimensions, .gauge, { .gauge(GaugeSeries()) }) { return series }
        return NOOPMetricsHandler.instance
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let found = series(label, dimensions, .histogram) { .histogram(HistogramSeries()) }
        if case .histogram(let series) = found { return series }
        return NOOPMetricsHandler.instance
    }

    // A series lasts as long as the process: one that went and came would look like a restart.
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    /// The series of these labels, which is made if it is new; nil if there is none of the kind under this name.
    private func series(
        _ name: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind, _ make: () -> Series
    ) -> Series? {
        guard kinds[name] == kind else { return nil }
        let labels = MetricLabels(dimensions)
        return families.withLock { families in
            if let known = families[name]?[labels] { return known }
            guard families[name, default: [:]].count < Self.limit else { return nil }
            let new = make()
            families[name, default: [:]][labels] = new
            return new
        }
    }
}
