import Daemon
import Glibc
import Wire

extension Confinement {
    /// The helper's cage. Everything that it needs is open when it enters: from then on it opens no file at all.
    static func helper(_ backend: WireGuardBackend, account: Account) -> Confinement {
        Confinement(
            Privileges(.helper, account: account).steps,
            // A wireguard-go that does not end with its link is killed, and it is outside the cage.
            Landlock(keepsSignals: backend == .userspace),
            SystemCallFilter(
                reason: "links, addresses, routes and tunnels need these \(calls(backend).count) and no other",
                calls: calls(backend), otherwise: .kill))
    }

    private static func calls(_ backend: WireGuardBackend) -> [SystemCallFilter.Call] {
        serving + memory + (backend == .userspace ? userspace : [])
    }

    /// Connections, netlink, the log, the end.
    private static let serving: [SystemCallFilter.Call] = [
        "accept4", "close", "poll", "ppoll", "recvfrom", "recvmsg", "sendto", "sendmsg", "getsockopt", "write",
        "clock_gettime", "getpid", "geteuid", "getrandom", "restart_syscall", "rt_sigreturn", "exit_group",
        // Swift's end of a trap: the process dies of it either way, but so it says why.
        "rt_sigprocmask", "rt_sigaction", "gettid", "tgkill",
    ]

    /// The allocator's, and libsodium's locked pages; never a page that can be executed.
    private static let memory: [SystemCallFilter.Call] = [
        "brk", "munmap", "mremap", "madvise", "mlock", "munlock", "futex",
        .withoutExecution("mmap"), .withoutExecution("mprotect"),
    ]

    /// wireguard-go's control sockets and the launcher's; a port tried by binding it; a process that does not end.
    private static let userspace: [SystemCallFilter.Call] = [
        .socket(AF_UNIX), .socket(AF_INET), .socket(AF_INET6),
        "connect", "bind", "setsockopt", "pidfd_open", "pidfd_send_signal",
    ]
}
