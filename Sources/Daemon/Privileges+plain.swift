import CCap
import Glibc

extension Privileges {
    /// The steps of a process that needs no privilege at all and was started with none.
    package static var plain: [ConfinementStep] { [noCapabilities, noNewPrivileges, dumpable, coreLimit] }

    private static var noCapabilities: ConfinementStep {
        ConfinementStep(
            name: "capabilities", reason: "nothing that it does needs one",
            take: { () throws(StartupError) in
                // Where there is none, a unit's filter may well forbid the call itself.
                if !Capabilities.permitted.isEmpty {
                    try Capabilities.set(permitted: [], effective: [], inheritable: [])
                }
                try check(aifw_ambient(UInt(PR_CAP_AMBIENT_CLEAR_ALL), 0), "PR_CAP_AMBIENT_CLEAR_ALL")
            },
            undo: {
                let more: Void? = try? Capabilities.set(
                    permitted: [CAP_NET_ADMIN], effective: [CAP_NET_ADMIN], inheritable: [])
                return more != nil || !Capabilities.permitted.isEmpty
            })
    }

    // MARK: What could bring privileges back

    static var noNewPrivileges: ConfinementStep {
        ConfinementStep(
            name: "no new privileges", reason: "a set-user-ID program or one with file capabilities would give more",
            take: { () throws(StartupError) in try check(aifw_prctl(PR_SET_NO_NEW_PRIVS, 1), "PR_SET_NO_NEW_PRIVS") },
            undo: { aifw_prctl(PR_SET_NO_NEW_PRIVS, 0) == 0 || aifw_prctl(PR_GET_NO_NEW_PRIVS, 0) != 1 })
    }

    static var dumpable: ConfinementStep {
        ConfinementStep(
            name: "not dumpable", reason: "another process of the account could read its secrets by ptrace or /proc",
            take: { () throws(StartupError) in try check(aifw_prctl(PR_SET_DUMPABLE, 0), "PR_SET_DUMPABLE") },
            // A process may always make itself dumpable again, so there is nothing to try but to look.
            undo: { aifw_prctl(PR_GET_DUMPABLE, 0) != 0 })
    }

    static var coreLimit: ConfinementStep {
        ConfinementStep(
            name: "no core", reason: "a core file would hold secrets; what it starts inherits the limit",
            take: { () throws(StartupError) in try check(aifw_limit_core(0), "RLIMIT_CORE") },
            undo: { aifw_limit_core(1) == 0 })
    }
}
