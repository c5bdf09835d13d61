import Metrics

/// What everybody records with, by whose work it is.
///
/// Made of the process's factory, which must have been set before; several record to the same series.
struct Meters: Sendable {
    let requests: RequestMeter
    let connections: ConnectionMeter
    let logins: LoginMeter
    let helper: HelperMeter
    let reconciliation: ReconciliationMeter
    let store: StoreMeter

    init(factory: any MetricsFactory = MetricsSystem.factory) {
        requests = RequestMeter(factory: factory)
        connections = ConnectionMeter(factory: factory)
        logins = LoginMeter(factory: factory)
        helper = HelperMeter(factory: factory)
        reconciliation = ReconciliationMeter(factory: factory)
        store = StoreMeter(factory: factory)
    }
}

extension Counter {
    convenience init(
        _ family: MetricFamily, _ dimensions: [(String, String)], _ factory: any MetricsFactory
    ) {
        self.init(label: family.name, dimensions: dimensions, factory: factory)
    }
}

extension Timer {
    convenience init(_ family: MetricFamily, _ dimensions: [(String, String)], _ factory: any MetricsFactory) {
        self.init(label: family.name, dimensions: dimensions, factory: factory)
    }

    func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
