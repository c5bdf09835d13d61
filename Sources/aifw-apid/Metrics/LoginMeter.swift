import Metrics

/// Log-ins that were refused.
///
/// Whether a name or a password was wrong is told in the audit log, to administrators; here it would tell whoever may
/// read metrics which users there are.
struct LoginMeter: Sendable {
    private let credentials: Counter
    private let attempts: Counter

    init(factory: any MetricsFactory) {
        credentials = Counter(.logInFailures, [("reason", "credentials")], factory)
        attempts = Counter(.logInFailures, [("reason", "throttled")], factory)
    }

    /// Something that was given is wrong.
    func refused() { credentials.increment() }

    /// There were too many attempts: nothing was looked at.
    func throttled() { attempts.increment() }
}
