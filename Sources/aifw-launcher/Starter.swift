import CCap
import CLinux
import Daemon
import Glibc

/// What the launcher does all its life: takes a connection of the helper's, reads what is to be done, does it, answers.
///
/// The programs it has started outlive it: they are in sessions of their own, and nothing ends them here.
struct Starter {
    /// How long a program may take until it serves its socket, in milliseconds.
    static let patience: Int64 = 5_000

    /// The program's whole environment. It stays in the foreground by its argument; told so here as well, it leaves out
    /// the banner of nine lines about the kernel's module that it would print on standard error.
    static let environment = "WG_PROCESS_FOREGROUND=1"

    /// How long a connection may take to say what it wants, in milliseconds.
    private static let hearing: Int64 = 1_000

    private let listener: Int32
    private let peerUser: uid_t
    private let program: String
    private let folder: String
    private let patience: Int64
    /// Nil where pf is not what filters packets.
    private let pfctl: Pfctl?
    private var journal: Journal
    /// The programs that run, by the descriptor that becomes readable when they end (pidfd_open(2)).
    private var children: [Int32: pid_t] = [:]

    /// - Parameters:
    ///   - listener: listening, for whole packets.
    ///   - peerUser: the one account whose connections are taken.
    ///   - folder: where the program puts its socket `wgN.sock`.
    ///   - patience: in milliseconds.
    ///   - pfctl: nil if it was not given.
    ///   - journal: where the words of a program that does not come up go.
    init(
        listener: Int32, peerUser: uid_t, program: String, folder: String = SocketFolder.path,
        patience: Int64 = Starter.patience, pfctl: Pfctl? = nil, journal: Journal = Journal()
    ) {
        self.listener = listener
        self.peerUser = peerUser
        self.program = program
        self.folder = folder
        self.patience = patience
        self.pfctl = pfctl
        self.journal = journal
    }

    /// Serves for ever.
    mutating func run() throws(StartupError) {
        while true { try turn() }
    }

    /// Waits for something to happen and deals with it, once.
    mutating func turn() throws(StartupError) {
        var events = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
        events += children.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&events, nfds_t(events.count), journal.isHoldingBack ? 1_000 : -1) >= 0 || errno == EINTR else {
            throw StartupError("can't wait for connections", errno: errno)
        }
        journal.flush(now: Clock.now)
        for event in events.dropFirst() where event.revents != 0 { reap(event.fd) }
        if events[0].revents != 0 { serve() }
    }

    private mutating func serve() {
        let descriptor = accept4(listener, nil, nil, AIFW_ACCEPTED)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var user = uid_t.max
        var process: pid_t = 0
        guard aifw_peer(descriptor, &user, &process) == 0, user == peerUser else {
            let words = "closed a connection of process \(process) of user \(user): only user \(peerUser) may connect"
            return journal.log(words, now: Clock.now)
        }
        let packets = Packets(descriptor: descriptor)
        guard packets.waits(atMost: Self.hearing), let bytes = packets.receive(), let request = LauncherRequest(bytes)
        else {
            return journal.log("closed a connection of process \(process): it asked for nothing", now: Clock.now)
        }
        switch request {
        case .start(let number): _ = packets.send(start(number).bytes)
        case .showAnchor: answer(pfctl?.show(), packets)
        case .loadAnchor(let length):
            guard let text = packets.receive(text: length, within: Self.hearing) else {
                return journal.log(
                    "closed a connection of process \(process): not all of its text came", now: Clock.now)
            }
            answer(pfctl?.load(text), packets)
        }
    }

    private func answer(_ result: (reply: LauncherReply, text: [UInt8])?, _ packets: Packets) {
        let (reply, text) = result ?? (.failed(EOPNOTSUPP), [])
        guard packets.send(reply.bytes) else { return }
        _ = packets.send(text: text, within: Self.hearing)
    }

    private mutating func reap(_ descriptor: Int32) {
        guard let process = children.removeValue(forKey: descriptor) else { return }
        close(descriptor)
        _ = Spawn.end(of: process)
    }

    private mutating func start(_ number: UInt16) -> LauncherReply {
        let interface = "wg\(number)"
        let socket = "\(folder)/\(interface).sock"
        // Else the answer would come from another process than the one that is started.
        guard !UnixSocket.answers(socket) else { return .failed(EEXIST) }
        guard let output = ProgramOutput() else { return .failed(errno) }
        var process: pid_t = 0
        let code = Spawn.start(
            program, ["wireguard-go", "-f", interface], environment: [Self.environment],
            Spawn.Streams(output: output.descriptor), &process)
        guard code == 0 else { return .failed(code) }
        let descriptor = aifw_pidfd_open(process)
        guard descriptor >= 0 else {
            let code = errno
            kill(process, SIGKILL)
            _ = Spawn.end(of: process)
            return .failed(code)
        }
        children[descriptor] = process
        let reply = wait(for: socket, of: process, descriptor)
        if reply != .ready, let words = output.lines.first {
            journal.log("wireguard-go for \(interface): \(words)", now: Clock.now)
        }
        return reply
    }

    /// Waits until the program serves its socket, or has ended, or is late and is ended.
    private mutating func wait(for socket: String, of process: pid_t, _ descriptor: Int32) -> LauncherReply {
        let end = Clock.now + patience
        var pause: Int32 = 1
        while true {
            let answers = UnixSocket.answers(socket)
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&event, 1, answers ? 0 : pause) > 0 {
                children[descriptor] = nil
                close(descriptor)
                let status = Spawn.end(of: process)
                let code = aifw_exit_status(status)
                return code >= 0 ? .exited(code) : .killed(aifw_signal(status))
            }
            if answers { return .ready }
            guard Clock.now < end else {
                kill(process, SIGKILL)
                children[descriptor] = nil
                close(descriptor)
                _ = Spawn.end(of: process)
                return .late
            }
            // wireguard-go is up in about 15 ms; whoever takes long is asked less and less often.
            pause = min(pause * 2, 50)
        }
    }
}
