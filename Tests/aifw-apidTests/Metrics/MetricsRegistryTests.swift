import Metrics
import Testing

@testable import aifw_apid

@Suite struct MetricsRegistryTests {
    private let registry = MetricsRegistry()

    private var lines: [String] {
        var exposition = Exposition()
        registry.expose(to: &exposition)
        return exposition.text.split(separator: "\n").map(String.init)
    }

    private func series(_ name: String) -> [String] { lines.filter { $0.hasPrefix(name) } }

    @Test func `the same labels are the same series, whoever records to it`() {
        let labels = [("kind", "rules")]
        Counter(label: "aifw_reconcile_repairs_total", dimensions: labels, factory: registry).increment()
        Counter(label: "aifw_reconcile_repairs_total", dimensions: labels, factory: registry).increment(by: 2)
        Counter(label: "aifw_reconcile_repairs_total", dimensions: [("kind", "a")], factory: registry).increment()
        #expect(
            series("aifw_reconcile_repairs_total") == [
                #"aifw_reconcile_repairs_total{kind="a"} 1"#, #"aifw_reconcile_repairs_total{kind="rules"} 3"#,
            ])
    }

    @Test func `what a library records under a name of its own is not kept`() {
        Counter(label: "hb.requests", dimensions: [("path", "/etc")], factory: registry).increment()
        Timer(label: "hb.request.duration", factory: registry).recordNanoseconds(1)
        Recorder(label: "nio.bytes", factory: registry).record(1)
        Gauge(label: "nio.connections", factory: registry).record(1)
        Meter(label: "nio.loops", factory: registry).set(1)
        FloatingPointCounter(label: "nio.seconds", factory: registry).increment(by: 0.5)
        // Nor is what has one of our names and is counted otherwise.
        Timer(label: "aifw_store_commits_total", factory: registry).recordNanoseconds(1)
        Counter(label: "aifw_reconcile_duration_seconds", factory: registry).increment()
        #expect(lines.isEmpty)
    }

    @Test func `a counter does not fall, and a series outlives those who recorded to it`() {
        let counter = Counter(label: "aifw_store_commits_total", factory: registry)
        counter.increment(by: 5)
        counter.increment(by: -3)
        counter.destroy()
        #expect(series("aifw_store_commits_total") == ["aifw_store_commits_total 5"])
    }

    @Test func `there is an end to how many series a family has`() {
        for number in 0...MetricsRegistry.limit {
            Counter(
                label: "aifw_reconcile_repairs_total", dimensions: [("kind", "\(number)")], factory: registry
            ).increment()
        }
        #expect(series("aifw_reconcile_repairs_total").count == MetricsRegistry.limit)
    }

    @Test func `whatever a caller sends, he can't make a series of it`() {
        let meter = RequestMeter(factory: registry)
        for method in ["GET", "get", "PROPFIND", "X\"\n"] {
            meter.record(method, route: nil, status: 404, took: .milliseconds(2))
            meter.record(method, route: "/api/v1/vpn/wg/{id}", status: 405, took: .milliseconds(2))
        }
        let expected = [
            ("GET", "/api/v1/vpn/wg/{id}", 405, 1), ("GET", "none", 404, 1),
            ("_OTHER", "/api/v1/vpn/wg/{id}", 405, 3), ("_OTHER", "none", 404, 3),
        ].map { method, route, status, count in
            "http_server_request_duration_seconds_count"
                + #"{http_request_method="\#(method)",http_route="\#(route)","#
                + #"http_response_status_code="\#(status)"} \#(count)"#
        }
        #expect(series("http_server_request_duration_seconds_count") == expected)
        #expect(series("http_server_request_duration_seconds_sum").last?.hasSuffix(" 0.006") == true)
    }

    @Test func `what can happen is there before it has happened`() {
        _ = Meters(factory: registry)
        let names = Set(lines.filter { $0.hasPrefix("# TYPE") }.map { $0.split(separator: " ")[2] })
        // Routes and statuses are known when they occur.
        let expected = Set(MetricFamily.recorded.map { $0.name[...] }).subtracting([
            MetricFamily.requestDuration.name[...]
        ])
        #expect(names == expected)
        #expect(series("aifw_login_failures_total").allSatisfy { $0.hasSuffix(" 0") })
    }
}
