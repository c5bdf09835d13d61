import CLinux
import Glibc

/// Who is at the other end of a connection, as the kernel says (SO_PEERCRED of unix(7)), never as a message says.
struct Peer: Equatable {
    let user: uid_t
    let process: pid_t

    /// Nil if the kernel does not tell.
    init?(of connection: Int32) {
        var user: uid_t = 0
        var process: pid_t = 0
        guard aifw_peer(connection, &user, &process) == 0 else { return nil }
        self.user = user
        self.process = process
    }
}
