import Dispatch
import Synchronization
import Wire

/// What the host names of peers' endpoints stand for, as far as it was asked. In memory only: it is a reading, not intent.
///
/// Look-ups run on threads of their own, ``slots`` at most, for the C library can't be told to give up: who waits for one
/// does so for as long as he likes, and what it finds later is there for whoever asks next.
final class EndpointNames: Sendable {
    /// What is known of a name.
    struct Answer: Sendable, Equatable {
        /// What was found last, which a look-up that fails takes nothing from.
        var addresses: [IPAddress] = []
        /// Why the last look-up found nothing; nil if it did.
        var fault: String?
    }

    typealias Resolve = @Sendable (HostName) throws(NameResolution.Fault) -> [IPAddress]

    /// The most look-ups at once.
    static let slots = 8
    /// The most that wait for one of the slots.
    private static let queueLimit = 1024
    /// How many seconds a name is not asked for again, unless failures make it more: less than ``Reconciliation/period``,
    /// so that each comparison may ask.
    static let pause = 25

    private struct Entry {
        var answer = Answer()
        var asked: ContinuousClock.Instant?
        var failures = 0
        /// Whether it waits for a slot or has one.
        var isUnderWay = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private struct State {
        var entries: [HostName: Entry] = [:]
        /// The last is the next.
        var queue: [HostName] = []
        var running = 0
        var waiters = 0
    }

    private let state = Mutex(State())
    private let pause: Duration
    private let resolve: Resolve

    init(pause: Duration = .seconds(EndpointNames.pause), resolve: @escaping Resolve = NameResolution.addresses) {
        self.pause = pause
        self.resolve = resolve
    }

    // MARK: What is known

    func answer(for name: HostName) -> Answer? { state.withLock { $0.entries[name]?.answer } }

    /// Those of the names that may be asked for now, the one that has waited longest first.
    func due(_ names: some Sequence<HostName>, at now: ContinuousClock.Instant = .now) -> [HostName] {
        state.withLock { state in
            names.filter { name in
                guard let entry = state.entries[name] else { return true }
                guard !entry.isUnderWay else { return false }
                return entry.asked.map { now - $0 >= pause * Self.factor(after: entry.failures) } ?? true
            }.sorted { left, right in
                guard let left = state.entries[left]?.asked else { return state.entries[right]?.asked != nil }
                return state.entries[right]?.asked.map { left < $0 } ?? false
            }
        }
    }

    /// Forgets all other names.
    func keep(only names: Set<HostName>) {
        state.withLock { state in
            state.entries = state.entries.filter { names.contains($0.key) || $0.value.isUnderWay }
        }
    }

    /// How many times longer the pause is after so many failures in a row: doubled with each but the first, 16 at most.
    static func factor(after failures: Int) -> Int { 1 << min(max(failures - 1, 0), 4) }

    // MARK: Asking

    /// Asks for a name, and returns what is known when that is done, or when `patience` is over. Who asks is somebody who
    /// waits for it: it comes before those of ``lookUp(all:within:)``, and whether it was asked for a moment ago is no matter
    /// if it failed.
    func lookUp(_ name: HostName, within patience: Duration) async -> Answer {
        let isFresh = state.withLock { state in
            guard let entry = state.entries[name], let asked = entry.asked else { return false }
            return entry.failures == 0 && .now - asked < pause
        }
        if !isFresh {
            enqueue([name], isUrgent: true)
            await wait(for: name, atMost: patience)
        }
        return state.withLock { state in
            guard let entry = state.entries[name] else { return Answer(fault: "too many names are being looked up") }
            guard entry.isUnderWay else { return entry.answer }
            return Answer(addresses: entry.answer.addresses, fault: "no answer within \(patience)")
        }
    }

    /// Asks for several names, and returns when all are done, or `patience` is over.
    func lookUp(all names: [HostName], within patience: Duration) async {
        enqueue(names, isUrgent: false)
        await withTaskGroup { group in
            for name in names { group.addTask { await self.wait(for: name, atMost: patience) } }
        }
    }

    private func enqueue(_ names: [HostName], isUrgent: Bool) {
        let threads = state.withLock { state in
            for name in names where state.entries[name]?.isUnderWay != true && state.queue.count < Self.queueLimit {
                state.entries[name, default: Entry()].isUnderWay = true
                state.queue.insert(name, at: isUrgent ? state.queue.endIndex : 0)
            }
            let threads = min(state.queue.count, Self.slots - state.running)
            state.running += threads
            return threads
        }
        // A serial queue has a thread while it has work.
        for _ in 0..<threads { DispatchQueue(label: "look-up").async { self.work() } }
    }

    private func work() {
        while let name = next() {
            let result = Result { () throws(NameResolution.Fault) in try resolve(name) }
            let waiters = state.withLock { state in
                var entry = state.entries[name] ?? Entry()
                let waiters = entry.waiters.values
                switch result {
                case .success(let addresses): (entry.answer, entry.failures) = (Answer(addresses: addresses), 0)
                case .failure(let fault):
                    entry.answer.fault = fault.description
                    entry.failures += 1
                }
                (entry.asked, entry.isUnderWay, entry.waiters) = (.now, false, [:])
                state.entries[name] = entry
                return waiters
            }
            for waiter in waiters { waiter.resume() }
        }
    }

    private func next() -> HostName? {
        state.withLock { state in
            let name = state.queue.popLast()
            if name == nil { state.running -= 1 }
            return name
        }
    }

    /// Returns when nothing is under way for the name, or the time is over.
    private func wait(for name: HostName, atMost patience: Duration) async {
        let number = state.withLock { state in
            state.waiters += 1
            return state.waiters
        }
        await withCheckedContinuation { continuation in
            let waits = state.withLock { state in
                guard state.entries[name]?.isUnderWay == true else { return false }
                state.entries[name]?.waiters[number] = continuation
                return true
            }
            guard waits else { return continuation.resume() }
            Task {
                // Nobody cancels it: it ends by itself, and finds nobody where the look-up was quicker.
                try await Task.sleep(for: patience)
                state.withLock { $0.entries[name]?.waiters.removeValue(forKey: number) }?.resume()
            }
        }
    }
}
