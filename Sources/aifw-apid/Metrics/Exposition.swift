/// The text of a scrape: Prometheus' text exposition format 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats).
///
/// A family is added once, with all its series. One without any is left out.
struct Exposition {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    /// Series of a number each.
    mutating func add<Value: Numeric & CustomStringConvertible>(
        _ family: MetricFamily, _ series: [(labels: MetricLabels, value: Value)]
    ) {
        begin(family, series.isEmpty)
        for (labels, value) in series { line(family.name, labels, "\(value)") }
    }

    /// One series without labels.
    mutating func add(_ family: MetricFamily, _ value: some Numeric & CustomStringConvertible) {
        add(family, [(labels: MetricLabels(), value: value)])
    }

    /// The series of a histogram: how many were within each bound, then all; their sum; how many.
    mutating func add(_ family: MetricFamily, _ series: [(labels: MetricLabels, value: HistogramSeries.Reading)]) {
        begin(family, series.isEmpty)
        for (labels, reading) in series {
            var count: UInt64 = 0
            for (bound, within) in zip(HistogramSeries.bounds + [.infinity], reading.counts) {
                count += within
                let edge = bound.isInfinite ? "+Inf" : "\(bound)"
                text += "\(family.name)_bucket{\(labels.with("le", edge))} \(count)\n"
            }
            line("\(family.name)_sum", labels, "\(reading.sum)")
            line("\(family.name)_count", labels, "\(count)")
        }
    }

    private mutating func begin(_ family: MetricFamily, _ isEmpty: Bool) {
        guard !isEmpty else { return }
        text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: MetricLabels, _ value: String) {
        text += labels.text.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels.text)} \(value)\n"
    }
}
