import CCap
import Glibc

/// What the launcher does all its life: reads "start wgN", starts the program, answers; until the helper is gone.
///
/// The programs it has started outlive it: they are in sessions of their own, and nothing ends them here.
struct LauncherLoop {
    /// How long a program may take until it serves its socket, in milliseconds.
    static let patience: Int64 = 5_000

    /// The program's whole environment. It stays in the foreground by its argument; told so here as well, it leaves out
    /// the banner of nine lines about the kernel's module that it would print on standard error.
    static let environment = "WG_PROCESS_FOREGROUND=1"

    private let packets: Packets
    private let program: String
    private let folder: String
    private let patience: Int64
    private var journal: Journal
    /// The programs that run, by the descriptor that becomes readable when they end (pidfd_open(2)).
    private var children: [Int32: pid_t] = [:]

    /// - Parameters:
    ///   - folder: where the program puts its socket `wgN.sock`.
    ///   - patience: in milliseconds.
    ///   - journal: where the words of a program that does not come up go.
    init(
        packets: Packets, program: String, folder: String = Folders.wireguard, patience: Int64 = LauncherLoop.patience,
        journal: Journal = Journal()
    ) {
        self.packets = packets
        self.program = program
        self.folder = folder
        self.patience = patience
        self.journal = journal
    }

    /// Returns when the helper is gone or sends what no helper sends.
    mutating func run() {
        // A descriptor a program; the usual soft limit of 1,024 is fewer than a host may have tunnels.
        _ = aifw_raise_descriptors()
        defer { for descriptor in children.keys { close(descriptor) } }
        while true {
            var events = [pollfd(fd: packets.descriptor, events: Int16(POLLIN), revents: 0)]
            events += children.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&events, nfds_t(events.count), -1) >= 0 || errno == EINTR else { return }
            for event in events.dropFirst() where event.revents != 0 { reap(event.fd) }
            guard events[0].revents != 0 else { continue }
            guard let bytes = packets.receive(), let request = LauncherRequest(bytes) else { return }
            guard packets.send(start(request.number).bytes) else { return }
        }
    }

    private mutating func reap(_ descriptor: Int32) {
        guard let process = children.removeValue(forKey: descriptor) else { return }
        close(descriptor)
        _ = status(of: process)
    }

    private mutating func start(_ number: UInt16) -> LauncherReply {
        let interface = "wg\(number)"
        let socket = "\(folder)/\(interface).sock"
        // Else the answer would come from another process than the one that is started.
        guard !UnixSocket.answers(socket) else { return .failed(EEXIST) }
        guard let output = ProgramOutput() else { return .failed(errno) }
        var process: pid_t = 0
        let code = spawn(interface, output.descriptor, &process)
        guard code == 0 else { return .failed(code) }
        let descriptor = aifw_pidfd_open(process)
        guard descriptor >= 0 else {
            let code = errno
            kill(process, SIGKILL)
            _ = status(of: process)
            return .failed(code)
        }
        children[descriptor] = process
        let reply = wait(for: socket, of: process, descriptor)
        if reply != .ready, let words = output.firstLine {
            journal.log("launcher: wireguard-go for \(interface): \(words)", now: Clock.now)
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
                let status = status(of: process)
                let code = aifw_exit_status(status)
                return code >= 0 ? .exited(code) : .killed(aifw_signal(status))
            }
            if answers { return .ready }
            guard Clock.now < end else {
                kill(process, SIGKILL)
                children[descriptor] = nil
                close(descriptor)
                _ = status(of: process)
                return .late
            }
            // wireguard-go is up in about 15 ms; whoever takes long is asked less and less often.
            pause = min(pause * 2, 50)
        }
    }

    /// The wait status of a child that has ended or is about to.
    private func status(of process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }

    /// Starts the program as `wireguard-go -f wgN` with nothing of ours: no environment but ``environment``, no descriptor
    /// but standard error, no session, no signal handling. The ambient CAP_NET_ADMIN goes with it (capabilities(7)).
    ///
    /// - Parameter output: becomes its standard output, where wireguard-go writes its log.
    /// - Returns: 0 or an errno, that of execve(2) included.
    private func spawn(_ interface: String, _ output: Int32, _ process: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        let flags = Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) | AIFW_SPAWN_SETSID
        let prepared = [
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0),
            posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO),
            posix_spawn_file_actions_addclosefrom_np(&actions, 3),
            posix_spawnattr_setsigdefault(&attributes, &all),
            posix_spawnattr_setsigmask(&attributes, &none),
            posix_spawnattr_setflags(&attributes, flags),
        ]
        if let code = prepared.first(where: { $0 != 0 }) { return code }
        let words: [String] = ["wireguard-go", "-f", interface]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup(Self.environment), nil]
        defer { free(environment[0]) }
        return posix_spawn(&process, program, &actions, &attributes, &arguments, &environment)
    }
}
