import Wire

/// How long who tries to log in has to wait: a value without a clock, in a fixed amount of memory. It delays, and never
/// locks.
///
/// Two things are counted, each in a table of its own: failures of an address (of IPv6 its /64, which one host can have
/// whole), and failures at an account from anywhere.
/// - An address waits for what it did itself: 1, 2, 4 … 60 s after its last failure, from the fourth on.
/// - At an account that strangers fail at, an address may try in a window of its own, which comes once in 8, 16, 32 or at
///   most 64 s for a quarter of that time, at a moment that only the daemon's random key tells. So no stranger can use up
///   another's turn, however many they are, and nobody has to be remembered for it: whoever comes back when he was told is
///   let in, unless his own address waits.
///
/// An attempt counts as a failure when it begins, so that a hundred at once are not all the first; ``forgive(_:)`` takes it
/// back when it was none.
struct LoginThrottle {
    /// An attempt that was let in.
    struct Attempt: Sendable {
        fileprivate let address: UInt64
        fileprivate let account: UInt64?
    }

    /// Let in, or told how long to wait.
    enum Verdict {
        case admitted(Attempt)
        case wait(seconds: Int)
    }

    /// How many failures of an address are free.
    static let freeFailures = 3
    /// How many failures at an account are free, whoever's they are.
    static let freeAtAccount = 10
    static let longestDelay = 60
    static let longestPeriod = 64

    private var addresses = FailureTable()
    private var accounts = FailureTable()
    /// Has the daemon's own random numbers in it, so that nobody knows which names share a set, or another's window.
    private let hash: @Sendable (String) -> UInt64

    /// - Parameter hash: of a text, and of a key that others don't know.
    init(hash: @escaping @Sendable (String) -> UInt64) { self.hash = hash }

    /// - Parameters:
    ///   - account: the account's key; nil for what can't be the name of any.
    ///   - address: nil over the Unix socket.
    mutating func admit(account: String?, address: IPAddress?, at time: Timestamp) -> Verdict {
        let place = Self.place(of: address)
        let attempt = Attempt(address: hash("address " + place), account: account.map { hash("account " + $0) })
        let own = addresses.finding(attempt.address, at: time)
        let atAccount = attempt.account.map { accounts.finding($0, at: time).failures } ?? 0
        // One that has no counter may be one that has failed as often as the table can't tell any more.
        let unknown = own.last == nil ? own.failures - Self.freeFailures : -1
        let delay = own.last.map { Self.delay(after: own.failures, since: $0, at: time) } ?? 0
        let period = Self.period(max(atAccount - Self.freeAtAccount, unknown))
        let then = Timestamp(milliseconds: time.milliseconds + Int64(delay) * 1000)
        let wait = delay + untilWindow(of: "\(account ?? "") \(place)", period: period, at: then)
        guard wait == 0 else { return .wait(seconds: wait) }
        addresses.add(attempt.address, at: time)
        if let account = attempt.account { accounts.add(account, at: time) }
        return .admitted(attempt)
    }

    /// Takes back what ``admit(account:address:at:)`` has counted: the attempt was right, or was never judged.
    mutating func forgive(_ attempt: Attempt) {
        addresses.remove(attempt.address)
        if let account = attempt.account { accounts.remove(account) }
    }

    // MARK: Delays

    /// Seconds until an address may try again.
    private static func delay(after failures: Int, since last: Timestamp, at time: Timestamp) -> Int {
        guard failures >= freeFailures else { return 0 }
        let delay = min(1 << min(failures - freeFailures, 6), longestDelay)
        let passed = time.milliseconds - last.milliseconds
        guard passed >= 0 else { return delay }
        return Int((max(Int64(delay) * 1000 - passed, 0) + 999) / 1000)
    }

    /// How often a window comes after so many failures beyond what is free; nil for always.
    private static func period(_ failures: Int) -> Int? {
        failures < 0 ? nil : min(8 << min(failures / 4, 3), longestPeriod)
    }

    /// Seconds until the window of an address at an account begins; 0 within it.
    private func untilWindow(of name: String, period: Int?, at time: Timestamp) -> Int {
        guard let period else { return 0 }
        let phase = Int(hash("window " + name) % UInt64(period))
        let place = (Int(time.milliseconds / 1000) - phase) % period
        let passed = place < 0 ? place + period : place
        return passed < period / 4 ? 0 : period - passed
    }

    /// What one who calls has for himself: an IPv4 address, the /64 of an IPv6 address, this host.
    private static func place(of address: IPAddress?) -> String {
        guard let address else { return "local" }
        return address.family == .v4
            ? address.description : IPAddress(.v6, bits: (address.bits >> 64) << 64).description
    }
}
