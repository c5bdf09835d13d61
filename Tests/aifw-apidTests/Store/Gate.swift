import Dispatch

/// Holds one thread up until it is opened, and tells when it does.
final class Gate: Sendable {
    private let opened = DispatchSemaphore(value: 0)
    private let waiting = AsyncStream.makeStream(of: Void.self)

    /// Blocks the calling thread.
    func wait() {
        waiting.continuation.yield()
        opened.wait()
    }

    func open() { opened.signal() }

    /// Returns once a thread is held up.
    func hasWaiter() async {
        for await _ in waiting.stream { return }
    }
}
