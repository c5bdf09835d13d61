internal import Glibc
internal import Wire

/// A connected stream socket of the Unix domain (unix(7)), closed when the last reference to it goes.
///
/// Blocking, with a limit of ``timeout`` seconds for every read and write: a tool that runs one request and ends needs
/// neither an event loop nor threads, and without them it starts in a few milliseconds.
final class UnixSocket {
    /// The seconds after which a silent daemon is given up. Starting a tunnel of many peers takes a few of them.
    static let timeout = 60

    private let descriptor: Int32

    /// Connects to the listening socket at `path`; at most 107 bytes (`sun_path`).
    init(path: String) throws(Failure) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard path.utf8.count < room.count else { return false }
            room.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw .unreachable(socket: path, errno: ENAMETOOLONG, group: nil) }
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .unreachable(socket: path, errno: errno, group: nil) }
        var limit = timeval(tv_sec: Self.timeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let reason = errno
            close(descriptor)
            throw .unreachable(socket: path, errno: reason, group: Self.group(of: path))
        }
    }

    deinit { close(descriptor) }

    /// Whether it carries no further request (poll(2)): the other side, which does not speak first, has closed it, as a daemon
    /// does with those that were idle while somebody thought or typed.
    var isSpent: Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) != 0
    }

    /// Sends all of `bytes` (send(2)); a daemon that has gone is an error, not a signal.
    func send(_ bytes: Bytes) throws(Failure) {
        try bytes.withUnsafeBytes { (all) throws(Failure) in
            var sent = 0
            while sent < all.count {
                let rest = UnsafeRawBufferPointer(rebasing: all[sent...])
                let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Self.failure(errno) }
                sent += count
            }
        }
    }

    /// Appends what has arrived, at least one byte, and returns its length; 0 when the other side has closed.
    func receive(into bytes: Bytes) throws(Failure) -> Int {
        let before = bytes.count
        try bytes.append(upTo: 65_536) { (room) throws(Failure) in
            while true {
                let count = recv(descriptor, room.baseAddress, room.count, 0)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw Self.failure(errno) }
                return count
            }
        }
        return bytes.count - before
    }

    private static func failure(_ reason: Int32) -> Failure {
        reason == EAGAIN ? .timedOut(seconds: timeout) : .connectionLost(errno: reason)
    }

    /// The name of the group that the socket belongs to, whose members may connect; nil if the socket can't be seen.
    private static func group(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return GroupFile.name(of: status.st_gid)
    }
}
