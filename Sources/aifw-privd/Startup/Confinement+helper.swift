import Daemon
import Glibc
import Wire

extension Confinement {
    /// The helper's cage. Everything that it needs is open when it enters: from then on it opens no file at all.
    static func helper(_ backend: WireGuardBackend, _ filter: FilterBackend, account: Account) -> Confinement {
        let calls = calls(backend, filter)
        return Confinement(
            Privileges(.helper, account: account).steps,
            // A wireguard-go that does not end with its link is killed, and it is outside the cage.
            Landlock(keepsSignals: backend == .userspace),
            SystemCallFilter(
                reason: "links, routes, tunnels, associations and pass rules need these \(calls.count) and no other",
                calls: calls, otherwise: .kill))
    }

    private static func calls(_ backend: WireGuardBackend, _ filter: FilterBackend) -> [SystemCallFilter.Call] {
        var calls = serving + memory
        if backend == .userspace || filter == .pf { calls += launcher }
        if backend == .userspace { calls += userspace }
        if filter == .nftables { calls += nftables }
        return calls
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

    /// The launcher's socket, and wireguard-go's control sockets.
    private static let launcher: [SystemCallFilter.Call] = [.socket(AF_UNIX), "connect"]

    /// A port tried by binding it; a process that does not end.
    private static let userspace: [SystemCallFilter.Call] = [
        .socket(AF_INET), .socket(AF_INET6), "bind", "setsockopt", "pidfd_open", "pidfd_send_signal",
    ]

    /// libnftables, measured (strace(1)) with one element, with the whole anchor of 2,000 rules, and when it is refused: it
    /// waits by select(2) for what the kernel says to a transaction, and has its socket's send buffer grow with one. The
    /// receive buffer it would have grow with the number of commands; that was not seen. It opens nothing: protocols and
    /// ports have numbers, and its socket is open.
    private static let nftables: [SystemCallFilter.Call] = [
        "pselect6",
        SystemCallFilter.Call("setsockopt", argument: 2, is: 32),  // SO_SNDBUFFORCE of asm-generic/socket.h
        SystemCallFilter.Call("setsockopt", argument: 2, is: 33),  // SO_RCVBUFFORCE
    ]
}
