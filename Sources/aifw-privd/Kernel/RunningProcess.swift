internal import CLinux
internal import Glibc

/// A hold on one process that can't slip to another one of the same number (pidfd_open(2)).
final class RunningProcess {
    private let descriptor: Int32

    /// Nil if there is no such process, or it can't be held.
    init?(_ process: Int32) {
        guard process > 0 else { return nil }
        descriptor = pidfd_open(process, 0)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Waits until it has ended; gives back whether it has.
    func waitUntilEnded(milliseconds: Int32) -> Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        var ready: Int32
        repeat { ready = poll(&state, 1, milliseconds) } while ready < 0 && errno == EINTR
        return ready > 0
    }

    /// Ends it at once (pidfd_send_signal(2)); one that has ended is no error.
    func kill() { _ = pidfd_send_signal(descriptor, SIGKILL, nil, 0) }
}
