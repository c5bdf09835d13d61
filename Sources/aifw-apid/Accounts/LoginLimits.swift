import Synchronization
import Wire

/// What log-ins of all callers have in common: the throttle, the allowance of the log, and the threads that hash.
final class LoginLimits: Sendable {
    let threads = HashingThreads()
    let meter: LoginMeter
    private let throttle: Mutex<LoginThrottle>
    private let allowance = Mutex(LogAllowance())

    init(meter: LoginMeter = Meters().logins) {
        self.meter = meter
        // Swift's hasher is SipHash with a key that each process draws for itself.
        throttle = Mutex(
            LoginThrottle { text in
                var hasher = Hasher()
                hasher.combine(text)
                return UInt64(bitPattern: Int64(hasher.finalize()))
            })
    }

    func admit(account: String?, address: IPAddress?, at time: Timestamp) -> LoginThrottle.Verdict {
        throttle.withLock { $0.admit(account: account, address: address, at: time) }
    }

    func forgive(_ attempt: LoginThrottle.Attempt) { throttle.withLock { $0.forgive(attempt) } }

    /// See ``LogAllowance/take(at:)``.
    func takeFromLog(at time: Timestamp) -> Int? { allowance.withLock { $0.take(at: time) } }
}
