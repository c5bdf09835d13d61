import CLinux
import Daemon
import Glibc
import Wire

/// Where programs are started: aifw-launcher, another program, for the helper itself can execute nothing.
///
/// A connection a start. Its other end must be of the helper's own account, or root's (SO_PEERCRED of unix(7)).
final class Launcher {
    static let standardPath = "/run/aifw-launcher.sock"
    /// The launcher gives up after 5 s itself; one that is silent for twice that is none.
    private static let patience: Int64 = 10_000

    private let path: String

    init(path: String) { self.path = path }

    /// Asks for one thing.
    ///
    /// - Parameters:
    ///   - text: what follows the request.
    ///   - refused: makes a refusal of words that follow the name of what is to be done.
    /// - Returns: the answer, and the text that follows it.
    private func ask(
        _ request: LauncherRequest, text: [UInt8] = [], _ refused: (String, Int32?) -> Refusal
    ) throws(Refusal) -> (reply: LauncherReply, text: [UInt8]) {
        let packets = Packets(descriptor: UnixSocket.make(.packets))
        defer { close(packets.descriptor) }
        guard UnixSocket.withAddress(path, { connect(packets.descriptor, $0, $1) }) == 0 else {
            throw refused("can't be started: aifw-launcher does not answer at \(path): is it running?", errno)
        }
        // Root's is what systemd listens on for the launcher.
        guard let peer = Peer(of: packets.descriptor), peer.user == geteuid() || peer.user == 0 else {
            throw refused("can't be started: what answers at \(path) is of another account", nil)
        }
        guard packets.send(request.bytes), packets.send(text: text, within: Self.patience),
            packets.waits(atMost: Self.patience), let bytes = packets.receive(), let reply = LauncherReply(bytes)
        else { throw refused("can't be started: aifw-launcher hung up", nil) }
        switch reply {
        case .printed(let length), .complained(let length):
            guard let text = packets.receive(text: length, within: Self.patience) else {
                throw refused("was started, and what it printed did not come through", nil)
            }
            return (reply, text)
        case .ready, .failed, .exited, .killed, .late: return (reply, [])
        }
    }
}

extension Launcher: WireGuardGoStarting {
    func start(_ interface: TunnelInterface) throws(Refusal) {
        func refused(_ words: String, errno: Int32? = nil) -> Refusal {
            Refusal(.launcher, "wireguard-go for \(interface) \(words)", field: "interface", errno: errno)
        }
        switch try ask(.start(UInt16(interface.number)), { refused($0, errno: $1) }).reply {
        case .ready: return
        case .failed(EEXIST): throw refused("runs already, or something else serves its socket", errno: EEXIST)
        case .failed(let code): throw refused("can't be started: \(words(of: code))", errno: code)
        case .exited(let status): throw refused("ended at once with status \(status); aifw-launcher's log may say why")
        case .killed(let signal): throw refused("was ended by signal \(signal) at once")
        case .late: throw refused("took no connection in time and was ended")
        case .printed, .complained: throw refused("can't be started: aifw-launcher did something else")
        }
    }
}

extension Launcher: PfctlRunning {
    func load(_ text: String) throws(Refusal) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Packets.textLimit else {
            throw Refusal(.limit, "the rules of pf have more than \(Packets.textLimit >> 20) MiB")
        }
        _ = try pfctl(.loadAnchor(length: bytes.count), text: bytes, "pf refused the rules")
    }

    func show() throws(Refusal) -> String {
        String(decoding: try pfctl(.showAnchor, "pf does not show its rules"), as: UTF8.self)
    }

    /// - Parameter failure: what stands before pfctl's own words if it does not do what was asked.
    private func pfctl(
        _ request: LauncherRequest, text: [UInt8] = [], _ failure: String
    ) throws(Refusal) -> [UInt8] {
        func refused(_ words: String, errno: Int32? = nil) -> Refusal {
            Refusal(.launcher, "pfctl \(words)", errno: errno)
        }
        let (reply, answer) = try ask(request, text: text) { refused($0, errno: $1) }
        switch reply {
        case .printed: return answer
        case .complained: throw Refusal(.filter, "\(failure): \(Self.line(answer))")
        case .failed(EOPNOTSUPP):
            throw refused("can't be started: aifw-launcher was started without --pfctl", errno: EOPNOTSUPP)
        case .failed(let code): throw refused("can't be run: \(words(of: code))", errno: code)
        case .exited(let status): throw Refusal(.filter, "\(failure): pfctl ended with status \(status)")
        case .killed(let signal): throw refused("was ended by signal \(signal)")
        case .late: throw refused("did not end in time and was ended")
        case .ready: throw refused("can't be run: aifw-launcher did something else")
        }
    }

    /// What pfctl said, as one line.
    private static func line(_ said: [UInt8]) -> String {
        let lines = String(decoding: said, as: UTF8.self).split(whereSeparator: \.isNewline)
        return Journal.line(String(lines.joined(separator: "; ").prefix(500)))
    }
}
