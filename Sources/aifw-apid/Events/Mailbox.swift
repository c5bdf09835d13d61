import NIOCore
import Synchronization

/// What waits to be sent by one stream beside the log, and the bell that wakes it.
final class Mailbox: Sendable {
    /// How many observations may wait. Their bytes are one memory for all streams; who has not taken the first of so many
    /// is cut off.
    static let limit = 32

    private struct State {
        var posted: [ByteBuffer] = []
        var isOver = false
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    /// The stream must end.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Wakes the stream: there is something to look at.
    func ring() { wake { _ in } }

    /// Has the stream send something.
    func post(_ content: ByteBuffer) {
        wake { state in
            if state.posted.count < Self.limit { state.posted.append(content) } else { state.isOver = true }
        }
    }

    /// Has the stream end.
    func end() { wake { $0.isOver = true } }

    /// What was posted since this was asked last.
    func take() -> [ByteBuffer] {
        state.withLock { state in
            defer { state.posted = [] }
            return state.posted
        }
    }

    /// Returns when the bell has rung since this was asked last, and when the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRung = state.withLock { state in
                    defer { state.isRung = false }
                    if state.isRung || state.isOver { return true }
                    state.waiter = continuation
                    return false
                }
                if isRung { continuation.resume() }
            }
        } onCancel: {
            end()
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            defer { state.waiter = nil }
            state.isRung = state.waiter == nil
            return state.waiter
        }
        waiter?.resume()
    }
}
