import Metrics

/// How many connections are open, over the network and over the Unix socket.
struct ConnectionMeter: Sendable {
    /// Those of one kind of listener.
    struct Gauge: Sendable {
        private let meter: Meter

        fileprivate init(_ listener: String, _ factory: any MetricsFactory) {
            meter = Meter(
                label: MetricFamily.connections.name, dimensions: [("listener", listener)], factory: factory)
        }

        func opened() { meter.increment() }
        func closed() { meter.decrement() }
    }

    let network: Gauge
    let local: Gauge

    init(factory: any MetricsFactory) {
        network = Gauge("network", factory)
        local = Gauge("local", factory)
    }
}
