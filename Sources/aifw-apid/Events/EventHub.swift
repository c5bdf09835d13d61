import NIOCore
import ServiceLifecycle
import Synchronization

/// All event streams that are open: it wakes them when there is something to send, and ends them when the daemon stops.
///
/// As a service it must be stopped before the server, which waits for all answers to end.
final class EventHub: Service {
    /// How often each stream looks whether its caller may still listen, and whether its heartbeat is due.
    static let tick = Duration.seconds(1)

    /// One stream's place, given back with the last reference to it.
    final class Place: Sendable {
        let mailbox = Mailbox()
        private let caller: Caller.Kind
        private let hub: EventHub

        fileprivate init(_ caller: Caller.Kind, in hub: EventHub) {
            self.caller = caller
            self.hub = hub
        }

        deinit { hub.leave(caller, mailbox) }
    }

    private struct State {
        var places = StreamPlaces()
        var mailboxes: [ObjectIdentifier: Mailbox] = [:]
        var isClosed = false
    }

    let store: Store
    private let state = Mutex(State())
    private let observed = Mutex(ObservedChanges())

    init(store: Store) { self.store = store }

    /// Whether anybody listens.
    var isWatched: Bool { state.withLock { !$0.mailboxes.isEmpty } }

    /// A place for a stream; throws 503 if there is none.
    func open(for caller: Caller.Kind) throws(Problem) -> Place {
        try state.withLock { state throws(Problem) in try state.places.take(caller) }
        let place = Place(caller, in: self)
        let isClosed = state.withLock { state in
            state.mailboxes[ObjectIdentifier(place.mailbox)] = place.mailbox
            return state.isClosed
        }
        if isClosed { place.mailbox.end() }
        return place
    }

    /// Tells all streams how this observation differs from the one before.
    func take(_ observation: Observation) {
        let events = observed.withLock { $0.take(observation) }
        guard !events.isEmpty, isWatched else { return }
        let content = ByteBuffer(events.lazy.map { $0.block(at: observation.time) })
        for mailbox in mailboxes { mailbox.post(content) }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    var seen = self.store.revisions.last
                    while !Task.isCancelled {
                        await self.store.revisions.wait(after: seen)
                        seen = self.store.revisions.last
                        self.ringAll()
                    }
                }
                group.addTask {
                    while !Task.isCancelled {
                        // Cancelled by shutdown: the loop's condition ends it.
                        try? await Task.sleep(for: Self.tick)
                        self.ringAll()
                    }
                }
            }
        }
        state.withLock { $0.isClosed = true }
        for mailbox in mailboxes { mailbox.end() }
    }

    private var mailboxes: [Mailbox] { state.withLock { Array($0.mailboxes.values) } }

    private func ringAll() { for mailbox in mailboxes { mailbox.ring() } }

    private func leave(_ caller: Caller.Kind, _ mailbox: Mailbox) {
        state.withLock { state in
            state.places.leave(caller)
            state.mailboxes[ObjectIdentifier(mailbox)] = nil
        }
    }
}
