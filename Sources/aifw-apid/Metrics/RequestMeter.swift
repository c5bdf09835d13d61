import Metrics
import Synchronization

/// How long requests take: a series for each method, route and status that has occurred.
///
/// What a caller can choose is no label: a path that leads nowhere is `none`, a method that HTTP does not know `_OTHER`
/// (as OpenTelemetry has it). So there are no more series than answers that the table can give.
final class RequestMeter: Sendable {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    /// RFC 9110, section 9, and RFC 5789.
    private static let methods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    ]

    private let factory: any MetricsFactory
    /// Those that have occurred: their labels are written once.
    private let timers = Mutex<[Key: Timer]>([:])

    init(factory: any MetricsFactory) { self.factory = factory }

    /// - Parameter route: the path as it stands in the table; nil if the request's led to no line of it.
    func record(_ method: String, route: String?, status: Int, took duration: Duration) {
        let method = Self.methods.contains(method) ? method : "_OTHER"
        let key = Key(method: method, route: route ?? "none", status: status)
        let timer = timers.withLock { timers in
            if let known = timers[key] { return known }
            let new = Timer(
                .requestDuration,
                [
                    ("http_request_method", key.method), ("http_route", key.route),
                    ("http_response_status_code", "\(status)"),
                ], factory)
            timers[key] = new
            return new
        }
        timer.record(duration)
    }
}
