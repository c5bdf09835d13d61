import CLinux
package import Glibc

/// Unix sockets by path (unix(7)).
package enum UnixSocket {
    /// A new socket, non-blocking and close-on-exec; -1 and errno if there is none.
    package static func make(_ kind: Listener.Kind = .stream) -> Int32 {
        socket(AF_UNIX, kind.number | AIFW_ACCEPTED, 0)
    }

    /// Hands `path` to a call that takes an address.
    ///
    /// - Returns: what the call returns; -1 with ENAMETOOLONG for a path of more than 107 bytes.
    package static func withAddress(_ path: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard path.utf8.count < room.count else { return false }
            room.copyBytes(from: path.utf8)
            return true
        }
        guard fits else {
            errno = ENAMETOOLONG
            return -1
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// Whether somebody takes connections there now.
    package static func answers(_ path: String, _ kind: Listener.Kind = .stream) -> Bool {
        let descriptor = make(kind)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // EAGAIN is a full backlog (unix(7)): somebody listens, though slowly.
        return withAddress(path) { connect(descriptor, $0, $1) } == 0 || errno == EAGAIN
    }
}
