import Glibc
import NIOCore
import Wire

/// Where requests come in: something to bind, or a socket that is bound already, and what is spoken there.
struct Listener: Sendable {
    enum Place: Sendable, Equatable {
        /// TCP; port 0 lets the kernel choose.
        case address(IPAddress, port: UInt16)
        /// A Unix socket, made with mode 0660.
        case path(String)
        /// A listening socket of the service manager's (sd_listen_fds(3)). Taken over, closed at the end.
        case descriptor(CInt)
    }

    enum Speech: Sendable {
        /// HTTP/1.1 or HTTP/2 in TLS, by ALPN.
        case tls(TLSIdentity)
        /// HTTP/1.1 in clear: on a loopback address only.
        case plain
        /// HTTP/1.1 in clear, from processes that the kernel names to us.
        case local
    }

    /// How many connections may wait to be accepted; the kernel takes `net.core.somaxconn` if that is less.
    static let backlog = CInt(SOMAXCONN)

    let place: Place
    let speech: Speech

    /// Whether callers come over the Unix socket.
    var isLocal: Bool { if case .local = speech { true } else { false } }
}

/// Why a listener can't be opened, in words for whoever started the daemon.
struct ListenerError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// What went wrong with a system call, and on what.
    init(_ what: String, errno code: CInt) { description = "\(what): \(String(cString: strerror(code)))" }
}
