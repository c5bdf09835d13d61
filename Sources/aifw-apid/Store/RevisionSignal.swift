import Synchronization

/// The revision of the last change that is committed, and a way to wait for the next.
///
/// Whoever follows the log keeps the revision that he has come to, and reads on from there when this says that there is more:
/// so nothing is held in memory for him, and nothing comes twice.
final class RevisionSignal: Sendable {
    private struct State {
        var last: Int64
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }
    private let state: Mutex<State>

    /// - Parameter last: the revision of the last change in the database.
    init(last: Int64) { state = Mutex(State(last: last)) }

    var last: Int64 { state.withLock { $0.last } }

    /// Called after a commit.
    func advance(to revision: Int64) {
        let waiters = state.withLock { state in
            guard revision > state.last else { return [CheckedContinuation<Void, Never>]() }
            state.last = revision
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when there is a change after `revision`, at once if there is one already, and when the task is cancelled.
    func wait(after revision: Int64) async {
        let waiter = state.withLock { state in
            defer { state.nextWaiter += 1 }
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.last <= revision, !Task.isCancelled else { return true }
                    state.waiters[waiter] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
        }
    }
}
