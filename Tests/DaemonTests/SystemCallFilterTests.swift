import CCap
import Glibc
import Testing

@testable import Daemon

@Suite struct `The filter of system calls` {
    @Test func `Whoever makes a call that is not in the list is killed`() async {
        await #expect(processExitsWith: .signal(SIGSYS)) {
            try enter(.kill, ["exit_group", "write"])
            _ = getppid()
        }
    }

    @Test func `A call of the list goes through`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            try enter(.kill, ["exit_group", "getppid"])
            _exit(getppid() > 0 ? 7 : 8)
        }
    }

    @Test func `A call with a condition goes through with that argument only`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let datagram = SystemCallFilter.Call("socket", argument: 0, is: UInt64(AF_INET))
            try enter(.kill, ["exit_group", datagram])
            _exit(socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0) >= 0 ? 7 : 8)
        }
        await #expect(processExitsWith: .signal(SIGSYS)) {
            let datagram = SystemCallFilter.Call("socket", argument: 0, is: UInt64(AF_INET))
            try enter(.kill, ["exit_group", datagram])
            _exit(socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0) >= 0 ? 7 : 8)
        }
    }

    @Test func `Memory that can be executed is not to be had under the mask`() async {
        await #expect(processExitsWith: .signal(SIGSYS)) {
            try enter(.kill, ["exit_group", SystemCallFilter.Call("mmap", argument: 2, mask: 4, is: 0)])
            _ = mmap(nil, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        }
    }

    @Test func `A program that is not ours is told that the kernel has no such call`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            try enter(.notImplemented, ["exit_group", "execve"])
            _exit(chroot("/") == -1 && errno == ENOSYS ? 7 : 8)
        }
    }

    @Test func `A name that is no system call is refused`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            do throws(StartupError) {
                try SystemCallFilter(reason: "", calls: ["no_such_call"], otherwise: .kill).enterAndProve()
            } catch {
                _exit(error.description == "libseccomp knows no system call no_such_call" ? 7 : 8)
            }
        }
    }
}

/// Enters a filter in a process that a test has started for it.
private func enter(_ otherwise: SystemCallFilter.Otherwise, _ calls: [SystemCallFilter.Call]) throws {
    try check(aifw_prctl(PR_SET_NO_NEW_PRIVS, 1), "PR_SET_NO_NEW_PRIVS")
    let library: [SystemCallFilter.Call] = ["munmap", "futex", "mprotect", "madvise", "brk", "rt_sigprocmask"]
    try SystemCallFilter(reason: "", calls: calls + library, otherwise: otherwise).enterAndProve()
}
