import Glibc
import NIOCore

/// Who is at the other end of a Unix socket: `struct ucred` of unix(7), as the kernel filled it in at connect(2).
struct PeerCredentials: Sendable, Hashable {
    let pid: Int32
    let uid: UInt32
    let gid: UInt32

    /// Asks the kernel for the peer of `channel`; fails if it is no socket of that kind.
    static func read(from channel: any Channel) -> EventLoopFuture<PeerCredentials> {
        guard let socket = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        return socket.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED))
    }
}
