import CCap
import CLinux
import Glibc
import Wire

/// The helper's end of the launcher: the child that may start wireguard-go, which the helper itself may not.
final class Launcher: WireGuardGoStarting {
    private let packets: Packets

    /// Hears from the launcher when it ends; for the server's poll.
    var descriptor: Int32 { packets.descriptor }

    init(packets: Packets) { self.packets = packets }

    /// Forks the launcher; returns when it has dropped its privileges and listens.
    ///
    /// Called before the master key is read, so that the child never has it, and while the helper is one thread.
    ///
    /// - Parameter program: the path of wireguard-go.
    static func fork(program: String, account: Account) throws(StartupError) -> Launcher {
        try checkProgram(program)
        var pair: [Int32] = [-1, -1]
        let kind = AIFW_PACKETS
        try check(socketpair(AF_UNIX, kind, 0, &pair), "can't make the launcher's socket pair")
        let child = try check(aifw_fork(), "can't fork the launcher")
        if child == 0 { run(socket: pair[1], program: program, account: account) }
        close(pair[1])
        let launcher = Launcher(packets: Packets(descriptor: pair[0]))
        guard launcher.packets.waits(atMost: 5_000), let bytes = launcher.packets.receive(),
            LauncherReply(bytes) == .ready
        else { throw StartupError("the launcher did not get ready; its own line says why") }
        return launcher
    }

    /// The child's life; it ends here and runs nothing of its parent's on the way out.
    private static func run(socket: Int32, program: String, account: Account) -> Never {
        // Of its own session, so that a terminal's Ctrl-C reaches the helper alone; the launcher follows it.
        setsid()
        guard dup2(socket, 3) == 3, aifw_close_above(3) == 0 else { _exit(1) }
        let packets = Packets(descriptor: 3)
        do throws(StartupError) {
            try Privileges(.launcher, account: account).dropAndProve()
        } catch {
            Journal.write("launcher: \(error)")
            _exit(1)
        }
        guard packets.send(LauncherReply.ready.bytes) else { _exit(0) }
        var loop = LauncherLoop(packets: packets, program: program)
        loop.run()
        _exit(0)
    }

    private static func checkProgram(_ program: String) throws(StartupError) {
        var status = stat()
        let remedy = "install wireguard-go, or name it by --wireguard-go"
        try check(stat(program, &status), "can't look at \(program); \(remedy)")
        guard status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o111 != 0 else {
            throw StartupError("\(program) is no program")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw StartupError("\(program) can be written by others than its owner; it would run with CAP_NET_ADMIN")
        }
    }

    func start(_ interface: TunnelInterface) throws(Refusal) {
        func refused(_ words: String, errno: Int32? = nil) -> Refusal {
            Refusal(.launcher, "wireguard-go for \(interface) \(words)", field: "interface", errno: errno)
        }
        let request = LauncherRequest(number: UInt16(interface.number))
        // The launcher itself gives up after 5 s; one that is silent for twice that is no launcher.
        guard packets.send(request.bytes), packets.waits(atMost: 2 * LauncherLoop.patience),
            let bytes = packets.receive(), let reply = LauncherReply(bytes)
        else { throw refused("can't be started: the launcher is gone; restart the helper") }
        switch reply {
        case .ready: return
        case .failed(EEXIST): throw refused("runs already, or something else serves its socket", errno: EEXIST)
        case .failed(let code): throw refused("can't be started: \(words(of: code))", errno: code)
        case .exited(let status): throw refused("ended at once with status \(status); standard error may say why")
        case .killed(let signal): throw refused("was ended by signal \(signal) at once")
        case .late: throw refused("took no connection in time and was ended")
        }
    }

    /// Lets the launcher go, for a host that does not need it.
    func end() { close(packets.descriptor) }
}
