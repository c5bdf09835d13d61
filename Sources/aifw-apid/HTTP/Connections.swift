import Logging
import NIOCore
import Synchronization

/// The connections of one kind of listener: how many there are, and which is closed when there are too many.
///
/// Each counts for one, and each stream of HTTP/2 that is open beside another one for one more. What is too much is taken
/// from whoever has most: of an address's connections (of IPv6, a network of 64 bits; over the Unix socket, of all)
/// one with many streams goes, else the one that has waited longest for its next request, else the one whose request is
/// oldest. So a newcomer is always let in, and whoever opens thousands closes his own.
final class Connections: Sendable {
    /// What `max-connections` may be: enough for one client over HTTP/2 with all the streams it may have (100).
    static let range = 128...16_384
    /// Over the Unix socket. Their descriptors are set aside.
    static let localLimit = 128
    /// How many that were told to close may still be there, before newcomers are turned away.
    static let closingLimit = 64
    /// How often the log may tell of it.
    private static let reportInterval = TimeAmount.seconds(10)

    private struct State {
        var table = ConnectionTable()
        var unreported = 0
        var lastReport: NIODeadline?
    }

    let limit: Int
    private let logger: Logger
    private let gauge: ConnectionMeter.Gauge
    private let state = Mutex(State())

    init(limit: Int, logger: Logger, gauge: ConnectionMeter.Gauge = Meters().connections.network) {
        self.limit = limit
        self.logger = logger
        self.gauge = gauge
    }

    /// How many are open now.
    var count: Int { state.withLock { $0.table.entries.count } }

    /// Takes a connection that was accepted into account, until it is closed. False if it must be closed at once: so many
    /// were told to close and have not yet that there might be no descriptor for it.
    func admit(_ channel: any Channel, of owner: ConnectionOwner) -> Bool {
        let id = ObjectIdentifier(channel)
        let victims: [any Channel]? = state.withLock { state -> [any Channel]? in
            guard state.table.closing < Self.closingLimit else { return nil }
            state.table.add(channel, of: owner)
            return state.table.makeRoom(limit, sparing: id)
        }
        guard let victims else { return false }
        gauge.opened()
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { $0.table.remove(id) }
            self.gauge.closed()
        }
        close(victims)
        return true
    }

    /// Says that a request has begun on `channel`, a connection or a stream of one.
    func requestBegan(on channel: any Channel) {
        close(state.withLock { $0.table.begin(on: channel) ? $0.table.makeRoom(limit) : [] })
    }

    /// Says that it has been answered; on a stream, that the answer was taken too.
    func requestEnded(on channel: any Channel) { state.withLock { $0.table.end(on: channel) } }

    /// Closes those that have waited for a request for longer than `time`: what no timeout of theirs has ended, such as
    /// one over HTTP/2 whose client does not answer.
    func closeIdle(for time: TimeAmount) {
        let past = NIODeadline.now() - time
        for channel in state.withLock({ $0.table.idle(since: past) }) { ConnectionDoor.shut(channel) }
    }

    private func close(_ victims: [any Channel]) {
        guard !victims.isEmpty else { return }
        for channel in victims { ConnectionDoor.shut(channel) }
        let unreported: Int? = state.withLock { state -> Int? in
            state.unreported += victims.count
            let now = NIODeadline.now()
            if let last = state.lastReport, now - last < Self.reportInterval { return nil }
            state.lastReport = now
            defer { state.unreported = 0 }
            return state.unreported
        }
        guard let unreported else { return }
        logger.warning(
            "connections had to make way for new ones",
            metadata: ["closed": .stringConvertible(unreported), "limit": .stringConvertible(limit)])
    }
}
