import Daemon
import Glibc

extension Confinement {
    /// The launcher's cage, which is also that of every program that it starts.
    ///
    /// Both lists were measured (strace(1)) with Debian 12's wireguard-go: started, configured, with traffic over IPv4 and
    /// IPv6, with a new port, mark and MTU, ended by its link and by a signal.
    ///
    /// - Parameters:
    ///   - pfctl: nil where pf is not what filters packets; then the device stays shut.
    ///   - device: the one that pfctl speaks to.
    static func launcher(
        _ program: Program, pfctl: Program? = nil, device: String = Pfctl.standardDevice, account: Account
    ) -> Confinement {
        let programs = [program] + (pfctl.map { [$0] } ?? [])
        var files: [(path: String, rights: Landlock.Rights)] = []
        func open(_ path: String, _ rights: Landlock.Rights) {
            if !files.contains(where: { $0.path == path }) { files.append((path, rights)) }
        }
        for program in programs {
            open(program.path, [.execute, .readFile])
            if let linker = program.linker { open(linker, [.execute, .readFile]) }
        }
        for path in ["/etc/ld.so.cache", "/dev/null"] + programs.flatMap(\.libraries) { open(path, .readFile) }
        open("/dev/net/tun", [.readFile, .writeFile, .control])
        if pfctl != nil { open(device, [.readFile, .writeFile, .control]) }
        open(SocketFolder.path, [.makeSocket, .removeFile])
        let calls = calls + (pfctl == nil ? [] : filter)
        return Confinement(
            Privileges(.launcher, account: account).steps, Landlock(files),
            SystemCallFilter(
                reason: "starting \(names(pfctl)), and \(names(pfctl)) itself, need these \(calls.count) and no other",
                calls: calls, otherwise: .notImplemented))
    }

    private static func names(_ pfctl: Program?) -> String { pfctl == nil ? "wireguard-go" : "wireguard-go or pfctl" }

    private static let calls = start + goRuntime + tunnel + control

    /// Taking a message, starting a program, hearing of its end.
    private static let start: [SystemCallFilter.Call] = [
        "accept4", "poll", "ppoll", "recvfrom", "sendto", "getsockopt", "connect", "close", "memfd_create", "ftruncate",
        "fcntl", "pread64", "write", "clock_gettime", "execve", "setsid", "dup2", "dup3", "close_range", "open",
        "openat",
        "wait4", "kill", "pidfd_open", "getpid", "geteuid", "restart_syscall", "exit", "exit_group",
        // Without a namespace of its own (CLONE_NEW* of clone(2)). clone3 hides its flags from a filter: glibc does
        // without it.
        SystemCallFilter.Call("clone", argument: 0, mask: 0x7E02_0000, is: 0), "vfork",
    ]

    /// ld.so(8), and the runtime of a Go program.
    private static let goRuntime: [SystemCallFilter.Call] = [
        "access", "arch_prctl", "brk", "madvise", "mmap", "mprotect", "mremap", "munmap", "newfstatat", "fstat",
        "prlimit64",
        "getrlimit", "getrandom", "rseq", "set_robust_list", "set_tid_address", "sched_getaffinity", "sched_yield",
        "sigaltstack", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "futex", "gettid", "nanosleep", "tgkill",
        "clock_nanosleep", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait", "eventfd2", "pipe2", "read",
        "uname",
        "readlinkat",
    ]

    /// The interface and its packets: the TUN device, its MTU by ioctl, links by rtnetlink and no other netlink, UDP.
    private static let tunnel: [SystemCallFilter.Call] =
        [.socket(AF_UNIX), .socket(AF_INET), .socket(AF_INET6), .socket(AF_NETLINK, protocol: 0)]
        + requests.map { SystemCallFilter.Call("ioctl", argument: 1, is: $0) }
        + ["bind", "getsockname", "getpeername", "setsockopt", "recvmsg", "sendmsg", "recvmmsg", "sendmmsg"]

    /// TUNSETIFF and TUNGETIFF (linux/if_tun.h), SIOCGIFINDEX, SIOCGIFMTU and SIOCSIFMTU (linux/sockios.h).
    private static let requests: [UInt64] = [0x4004_54CA, 0x8004_54D2, 0x8933, 0x8921, 0x8922]

    /// The text of an anchor into memory; pfctl, which reads it, and speaks to its device by requests of one group ('D' of
    /// net/pfvar.h). Not measured with pfctl itself, which Linux has none of: with the stand-in that tests it.
    private static let filter: [SystemCallFilter.Call] = [
        "pwrite64", "lseek", SystemCallFilter.Call("ioctl", argument: 1, mask: 0xFF00, is: 0x4400),
    ]

    /// The control socket, and a look-out for its removal.
    private static let control: [SystemCallFilter.Call] = [
        "umask", "mkdirat", "unlinkat", "listen", "shutdown", "inotify_init1", "inotify_add_watch", "inotify_rm_watch",
    ]
}
