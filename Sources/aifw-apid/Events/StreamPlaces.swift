/// How many streams are open, and whose: the state of ``EventHub`` that the limits go by.
///
/// Whoever comes over the network takes nothing from those on this host.
struct StreamPlaces: Sendable {
    /// Of all callers over the network.
    static let network = 64
    /// Of one token, or one user with all his sessions.
    static let perCaller = 16
    /// Over the Unix socket.
    static let local = 32

    private var counts: [Caller.Kind: Int] = [:]
    private var local = 0
    private var network = 0

    /// Takes a place. Throws 503 if there is none for this caller.
    mutating func take(_ caller: Caller.Kind) throws(Problem) {
        if case .account = caller {
            guard local < Self.local else { throw Self.problem("There are \(Self.local) over the Unix socket already") }
            local += 1
            return
        }
        let own = counts[caller, default: 0]
        guard own < Self.perCaller else { throw Self.problem("This caller has \(Self.perCaller) already") }
        guard network < Self.network else { throw Self.problem("There are \(Self.network) over the network already") }
        counts[caller] = own + 1
        network += 1
    }

    /// Gives back a place that was taken.
    mutating func leave(_ caller: Caller.Kind) {
        if case .account = caller {
            local -= 1
            return
        }
        network -= 1
        let own = counts[caller, default: 1] - 1
        counts[caller] = own == 0 ? nil : own
    }

    private static func problem(_ words: String) -> Problem {
        Problem(.tooManyStreams, "\(words); end one, or come back later.").retry(afterSeconds: 5)
    }
}
