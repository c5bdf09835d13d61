import CLinux
import Daemon
import Glibc
import Wire

/// Where wireguard-go is started: aifw-launcher, another program, for the helper itself can execute nothing.
///
/// A connection a start. Its other end must be of the helper's own account, or root's (SO_PEERCRED of unix(7)).
final class Launcher: WireGuardGoStarting {
    static let standardPath = "/run/aifw-launcher.sock"
    /// The launcher gives up after 5 s itself; one that is silent for twice that is none.
    private static let patience: Int64 = 10_000

    private let path: String

    init(path: String) { self.path = path }

    func start(_ interface: TunnelInterface) throws(Refusal) {
        func refused(_ words: String, errno: Int32? = nil) -> Refusal {
            Refusal(.launcher, "wireguard-go for \(interface) \(words)", field: "interface", errno: errno)
        }
        let packets = Packets(descriptor: UnixSocket.make(.packets))
        defer { close(packets.descriptor) }
        guard UnixSocket.withAddress(path, { connect(packets.descriptor, $0, $1) }) == 0 else {
            throw refused("can't be started: aifw-launcher does not answer at \(path): is it running?", errno: errno)
        }
        // Root's is what systemd listens on for the launcher.
        guard let peer = Peer(of: packets.descriptor), peer.user == geteuid() || peer.user == 0 else {
            throw refused("can't be started: what answers at \(path) is of another account")
        }
        let request = LauncherRequest(number: UInt16(interface.number))
        guard packets.send(request.bytes), packets.waits(atMost: Self.patience), let bytes = packets.receive(),
            let reply = LauncherReply(bytes)
        else { throw refused("can't be started: aifw-launcher hung up") }
        switch reply {
        case .ready: return
        case .failed(EEXIST): throw refused("runs already, or something else serves its socket", errno: EEXIST)
        case .failed(let code): throw refused("can't be started: \(words(of: code))", errno: code)
        case .exited(let status): throw refused("ended at once with status \(status); aifw-launcher's log may say why")
        case .killed(let signal): throw refused("was ended by signal \(signal) at once")
        case .late: throw refused("took no connection in time and was ended")
        }
    }
}
