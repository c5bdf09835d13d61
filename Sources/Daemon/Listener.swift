import CCap
import CLinux
import Glibc

/// The Unix socket that a program serves: bound here, or passed by systemd.
package struct Listener {
    /// How bytes are kept together on it (unix(7)).
    package enum Kind {
        case stream
        /// Whole packets, in order (SOCK_SEQPACKET).
        case packets

        var number: Int32 {
            switch self {
            case .stream: AIFW_TYPE_STREAM
            case .packets: AIFW_TYPE_PACKETS
            }
        }
    }

    /// Listening, non-blocking, close-on-exec.
    package let descriptor: Int32

    /// Takes systemd's socket (sd_listen_fds(3)) if there is one, else binds `path`.
    ///
    /// - Parameter peer: the one account that will be able to connect to a socket that is bound here.
    package static func take(path: String, kind: Kind, peer: Account) throws(StartupError) -> Listener {
        if let passed = try passed(kind) { return passed }
        return try bind(path, kind, peer)
    }

    /// Closes what was inherited by accident: everything but the standard streams and systemd's sockets. Called first.
    package static func closeInherited() throws(StartupError) {
        let kept = 2 + (passedCount.flatMap { Int32($0) } ?? 0)
        try check(aifw_close_above(max(2, min(kept, 1000))), "can't close inherited descriptors")
    }

    private static func passed(_ kind: Kind) throws(StartupError) -> Listener? {
        defer { for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) } }
        guard let count = passedCount else { return nil }
        guard count == "1" else { throw StartupError("systemd passed \(count) sockets; exactly one is taken") }
        let first: Int32 = 3  // SD_LISTEN_FDS_START
        guard try option(SO_DOMAIN, of: first) == AF_UNIX, try option(SO_ACCEPTCONN, of: first) == 1,
            try option(SO_TYPE, of: first) == kind.number
        else {
            let directive = kind == .stream ? "ListenStream=" : "ListenSequentialPacket="
            throw StartupError("the socket that systemd passed is not a listening Unix socket of \(directive)")
        }
        try check(aifw_fd_private(first), "can't set up systemd's socket")
        return Listener(descriptor: first)
    }

    /// What systemd says of how many sockets it passed to this process; nil if it passed none.
    private static var passedCount: String? {
        guard let process = variable("LISTEN_PID"), pid_t(process) == getpid() else { return nil }
        return variable("LISTEN_FDS")
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static func option(_ name: Int32, of socket: Int32) throws(StartupError) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        try check(getsockopt(socket, SOL_SOCKET, name, &value, &length), "LISTEN_FDS names no socket")
        return value
    }

    private static func bind(_ path: String, _ kind: Kind, _ peer: Account) throws(StartupError) -> Listener {
        guard geteuid() == 0 || geteuid() == peer.user else {
            throw StartupError(
                "only root can make \(path) so that user \(peer.user) alone may connect; start as root, or have "
                    + "systemd pass the socket")
        }
        try removeStale(path, kind)
        let descriptor = try check(UnixSocket.make(kind), "can't make a socket")
        // Nobody may connect between bind and the change of owner.
        let mask = umask(0o177)
        let bound = UnixSocket.withAddress(path) { Glibc.bind(descriptor, $0, $1) }
        let code = errno
        umask(mask)
        guard bound == 0 else { throw StartupError("can't bind \(path)", errno: code) }
        if peer.user != geteuid() {
            try check(lchown(path, peer.user, gid_t.max), "can't give \(path) to user \(peer.user)")
        }
        try check(listen(descriptor, 8), "can't listen on \(path)")
        return Listener(descriptor: descriptor)
    }

    /// Removes the socket of a helper that is gone; refuses anything else that stands there.
    private static func removeStale(_ path: String, _ kind: Kind) throws(StartupError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw StartupError("can't look at \(path)", errno: errno) }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw StartupError("\(path) is in the way and no socket; move it, or choose another --socket")
        }
        guard !UnixSocket.answers(path, kind) else {
            throw StartupError("another process serves on \(path); stop it first")
        }
        try check(unlink(path), "can't remove the stale \(path)")
    }
}
