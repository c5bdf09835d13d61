import FoundationEssentials
import Glibc

/// Opens the Unix socket that local callers use.
enum UnixSocket {
    /// A listening socket at `path`, mode 0660, close-on-exec.
    ///
    /// It is bound under a name beside the path and renamed onto it when its mode is right and it listens, so nobody
    /// ever meets it with another mode. A socket that is left over from a process that is gone is replaced; if somebody
    /// answers there, this throws.
    static func listen(at path: String) throws(ListenerError) -> CInt {
        let temporary = path + ".new"
        guard var address = address(temporary) else {
            throw ListenerError("\(path): a socket's path may be \(pathLimit - 4) bytes long at most")
        }
        _ = try state(of: path)
        let socket = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw ListenerError("socket", errno: errno) }
        do throws(ListenerError) {
            guard unlink(temporary) == 0 || errno == ENOENT else { throw ListenerError(temporary, errno: errno) }
            let bound = withAddress(&address) { bind(socket, $0, $1) }
            guard bound == 0 else { throw ListenerError("bind \(temporary)", errno: errno) }
            guard chmod(temporary, 0o660) == 0 else { throw ListenerError("chmod \(temporary)", errno: errno) }
            guard Glibc.listen(socket, Listener.backlog) == 0 else {
                throw ListenerError("listen \(temporary)", errno: errno)
            }
            guard rename(temporary, path) == 0 else { throw ListenerError("rename to \(path)", errno: errno) }
            return socket
        } catch {
            close(socket)
            unlink(temporary)
            throw error
        }
    }

    /// Puts our backlog back: NIO calls listen(2) with one of its own (128) on a socket that it is handed, whatever its
    /// option says. A failure changes nothing but that number.
    static func restoreBacklog(of listening: CInt) { _ = Glibc.listen(listening, Listener.backlog) }

    /// Removes the socket at `path` if no process listens on it any more: ours, when its listener is closed.
    static func removeIfStale(_ path: String) {
        if (try? state(of: path)) == .stale { unlink(path) }
    }

    private enum State {
        case absent
        case stale
    }

    /// Throws if `path` is something else than a socket that nobody listens on.
    private static func state(of path: String) throws(ListenerError) -> State {
        guard faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 else {
            guard errno == ENOENT else { throw ListenerError(path, errno: errno) }
            return .absent
        }
        // Looked at and not opened: the daemon's cage lets it make and remove sockets in this folder, and read nothing.
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard attributes?[.type] as? FileAttributeType == .typeSocket else {
            throw ListenerError("\(path): there is something that is no socket; move it away")
        }
        let probe = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0, var address = address(path) else { throw ListenerError("socket", errno: errno) }
        defer { close(probe) }
        let connected = withAddress(&address) { connect(probe, $0, $1) }
        guard connected != 0 else { throw ListenerError("\(path): another process answers there; stop it first") }
        // ECONNREFUSED is what a socket without a process says; anything else is no proof that it is stale.
        guard errno == ECONNREFUSED else { throw ListenerError(path, errno: errno) }
        return .stale
    }

    /// The size of `sun_path` less its final NUL.
    static let pathLimit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    private static func address(_ path: String) -> sockaddr_un? {
        guard path.utf8.count <= pathLimit else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return address
    }

    private static func withAddress(
        _ address: inout sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
