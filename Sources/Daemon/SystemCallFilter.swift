import CSeccomp
import Glibc

/// The system calls that a process can still make, by libseccomp (seccomp(2)): a list, and what becomes of all others.
package struct SystemCallFilter {
    /// A call, on the condition that arguments of it have values, if any is named.
    package struct Call: Sendable, ExpressibleByStringLiteral {
        let name: String
        private(set) var conditions: [(argument: UInt32, mask: UInt64, value: UInt64)] = []

        package init(stringLiteral name: String) { self.name = name }

        /// - Parameter argument: its number, from 0.
        package init(_ name: String, argument: UInt32, mask: UInt64 = .max, is value: UInt64) {
            self.name = name
            conditions = [(argument, mask, value)]
        }

        /// A socket of one address family, and of one protocol if that is given (socket(2)).
        package static func socket(_ family: Int32, protocol number: Int32? = nil) -> Call {
            var call = Call("socket", argument: 0, is: UInt64(family))
            if let number { call.conditions.append((2, .max, UInt64(number))) }
            return call
        }

        /// Memory that is mapped or changed without becoming executable (PROT_EXEC of mmap(2)).
        package static func withoutExecution(_ name: String) -> Call {
            Call(name, argument: 2, mask: UInt64(PROT_EXEC), is: 0)
        }
    }

    /// What a call meets that is not in the list.
    package enum Otherwise: Sendable {
        /// The process is killed (SIGSYS).
        case kill
        /// The call fails as one that the kernel does not have (ENOSYS): for a program that is not ours, which may be
        /// updated and then try something new.
        case notImplemented
    }

    package let name = "system calls"
    package let reason: String
    private let calls: [Call]
    /// Nil if `calls` are those that are refused, and all others go through.
    private let otherwise: Otherwise?

    /// Lets `calls` through and no other.
    package init(reason: String, calls: [Call], otherwise: Otherwise) {
        self.reason = reason
        self.calls = calls
        self.otherwise = otherwise
    }

    /// Lets everything through but `calls`, which fail with ENOSYS: for a program whose libraries make too many others.
    package init(reason: String, refused calls: [Call]) {
        self.reason = reason
        self.calls = calls
        otherwise = nil
    }

    /// Loads the filter: first with ENOSYS as the answer to all that is refused, so that it can be tried; then as meant.
    ///
    /// What is killed can't be tried by a process that wants to go on. The second filter is the first one but for its
    /// answer, and of two the stricter answer counts.
    func enterAndProve() throws(StartupError) {
        let failure = aifw_fails_with(UInt32(ENOSYS))
        switch otherwise {
        case nil: try load(calls, action: failure, otherwise: UInt32(SCMP_ACT_ALLOW))
        case .notImplemented: try load(calls, action: UInt32(SCMP_ACT_ALLOW), otherwise: failure)
        // libseccomp loads the second one by this call.
        case .kill: try load(calls + ["seccomp"], action: UInt32(SCMP_ACT_ALLOW), otherwise: failure)
        }
        let attempts = Self.attempts.filter { attempt in
            calls.contains { $0.name == attempt.call && $0.conditions.isEmpty } == (otherwise == nil)
        }
        for attempt in attempts where !aifw_is_shut(attempt.number) {
            throw StartupError("confinement, step \"\(name)\" does not hold: \(attempt.call) gets through")
        }
        guard otherwise == .kill else { return }
        try load(calls, action: UInt32(SCMP_ACT_ALLOW), otherwise: UInt32(SCMP_ACT_KILL_PROCESS))
    }

    /// Calls to try, with arguments of no use to any of them.
    private static let attempts: [(call: String, number: Int)] = [
        ("execve", Int(SYS_execve)), ("ptrace", Int(SYS_ptrace)), ("unshare", Int(SYS_unshare)),
        ("setns", Int(SYS_setns)), ("chroot", Int(SYS_chroot)), ("mount", Int(SYS_mount)), ("bpf", Int(SYS_bpf)),
        ("process_vm_readv", Int(SYS_process_vm_readv)), ("openat", Int(SYS_openat)), ("clone", Int(SYS_clone)),
    ]

    private func load(_ calls: [Call], action: UInt32, otherwise: UInt32) throws(StartupError) {
        guard let filter = seccomp_init(otherwise) else { throw StartupError("libseccomp can't make a filter") }
        defer { seccomp_release(filter) }
        // Set by a step of its own; and what comes by another architecture's numbers is never let off lightly.
        try ask(seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0), "no_new_privs")
        try ask(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, UInt32(SCMP_ACT_KILL_PROCESS)), "other architectures")
        for call in calls {
            let number = seccomp_syscall_resolve_name(call.name)
            guard number != __NR_SCMP_ERROR else { throw StartupError("libseccomp knows no system call \(call.name)") }
            let comparisons = call.conditions.map {
                scmp_arg_cmp(arg: $0.argument, op: SCMP_CMP_MASKED_EQ, datum_a: $0.mask, datum_b: $0.value)
            }
            let result = seccomp_rule_add_array(filter, action, number, UInt32(comparisons.count), comparisons)
            try ask(result, call.name)
        }
        try ask(seccomp_load(filter), "seccomp_load")
    }

    private func ask(_ result: Int32, _ doing: String) throws(StartupError) {
        guard result == 0 else { throw StartupError("libseccomp, \(doing)", errno: -result) }
    }
}
