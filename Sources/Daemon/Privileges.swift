import CCap
import Glibc

/// The way from what the process was started with to the account with CAP_NET_ADMIN and nothing else.
///
/// The order of the steps is that of the system calls' own demands: what needs a capability comes before that capability
/// goes (capabilities(7), credentials(7)).
package struct Privileges {
    package enum Role {
        /// Uses CAP_NET_ADMIN itself and can pass nothing on.
        case helper
        /// Uses no capability and passes CAP_NET_ADMIN on to wireguard-go.
        case launcher
    }

    private let role: Role
    private let account: Account

    package init(_ role: Role, account: Account) {
        self.role = role
        self.account = account
    }

    /// In the order in which they are taken.
    package var steps: [ConfinementStep] {
        [
            groups, group, user, raise, boundingSet, ambient, securebits, capabilities, Self.noNewPrivileges,
            Self.dumpable, Self.coreLimit,
        ]
    }

    // MARK: The account

    private var groups: ConfinementStep {
        ConfinementStep(
            name: "groups", reason: "root's groups open files that the account has no business with",
            take: { () throws(StartupError) in
                if Capabilities.isPermitted(CAP_SETGID) { try check(setgroups(0, nil), "setgroups") }
                var list = [gid_t](repeating: 0, count: Int(try check(getgroups(0, nil), "getgroups")))
                let count = try check(getgroups(Int32(list.count), &list), "getgroups")
                guard list.prefix(Int(count)).allSatisfy({ $0 == account.group }) else {
                    throw StartupError("the account is in further groups; take it out of them")
                }
            },
            undo: { setgroups(1, [0]) == 0 })
    }

    private var group: ConfinementStep {
        ConfinementStep(
            name: "group", reason: "a group that is root's opens root's files",
            take: { () throws(StartupError) in
                let group = account.group
                try check(setresgid(group, group, group), "setresgid \(group)")
            },
            undo: { setresgid(0, 0, 0) == 0 || getgid() == 0 || getegid() == 0 })
    }

    private var user: ConfinementStep {
        ConfinementStep(
            name: "user", reason: "user 0 owns the host's files whatever its capabilities are",
            take: { () throws(StartupError) in
                let user = account.user
                guard user != 0 else { throw StartupError("the account must not be root") }
                // Without it, leaving user 0 takes all capabilities along.
                try check(aifw_prctl(PR_SET_KEEPCAPS, 1), "PR_SET_KEEPCAPS")
                try check(setresuid(user, user, user), "setresuid \(user)")
                try check(aifw_prctl(PR_SET_KEEPCAPS, 0), "PR_SET_KEEPCAPS")
            },
            undo: { setresuid(0, 0, 0) == 0 || getuid() == 0 || geteuid() == 0 })
    }

    // MARK: Capabilities

    private var raise: ConfinementStep {
        ConfinementStep(
            name: "raise",
            reason: "the steps behind it need CAP_SETPCAP, which setresuid took out of the effective set",
            take: { () throws(StartupError) in
                guard Capabilities.isPermitted(CAP_NET_ADMIN) else {
                    throw StartupError(
                        "CAP_NET_ADMIN is missing; start as root, or with AmbientCapabilities=CAP_NET_ADMIN")
                }
                guard Capabilities.isPermitted(CAP_SETPCAP) else { return }
                let both = [CAP_SETPCAP, CAP_NET_ADMIN]
                try Capabilities.set(permitted: both, effective: both, inheritable: inheritable)
            },
            undo: { Capabilities.isPermitted(CAP_SETPCAP) })
    }

    private var boundingSet: ConfinementStep {
        ConfinementStep(
            name: "bounding set", reason: "a program that is executed could gain what is left in it",
            take: { () throws(StartupError) in
                for capability in Capabilities.bounding where capability != CAP_NET_ADMIN {
                    try check(
                        cap_drop_bound(capability),
                        "the bounding set holds more than CAP_NET_ADMIN (CapabilityBoundingSet=CAP_NET_ADMIN)")
                }
            },
            undo: { Capabilities.bounding.contains { $0 != CAP_NET_ADMIN } })
    }

    private var inheritable: [Int32] { role == .launcher ? [CAP_NET_ADMIN] : [] }

    private var ambient: ConfinementStep {
        switch role {
        case .helper:
            ConfinementStep(
                name: "ambient set", reason: "the helper executes nothing, so nothing may inherit from it",
                take: { () throws(StartupError) in
                    try check(aifw_ambient(UInt(PR_CAP_AMBIENT_CLEAR_ALL), 0), "PR_CAP_AMBIENT_CLEAR_ALL")
                },
                undo: { aifw_ambient(UInt(PR_CAP_AMBIENT_RAISE), UInt(CAP_NET_ADMIN)) == 0 })
        case .launcher:
            ConfinementStep(
                name: "ambient set", reason: "wireguard-go sets its interface's MTU, for which it needs CAP_NET_ADMIN",
                take: { () throws(StartupError) in
                    if !Capabilities.isPermitted(CAP_SETPCAP) {
                        try Capabilities.set(
                            permitted: [CAP_NET_ADMIN], effective: [CAP_NET_ADMIN], inheritable: inheritable)
                    }
                    try check(aifw_ambient(UInt(PR_CAP_AMBIENT_CLEAR_ALL), 0), "PR_CAP_AMBIENT_CLEAR_ALL")
                    try check(
                        aifw_ambient(UInt(PR_CAP_AMBIENT_RAISE), UInt(CAP_NET_ADMIN)), "PR_CAP_AMBIENT_RAISE")
                },
                undo: { aifw_ambient(UInt(PR_CAP_AMBIENT_RAISE), UInt(CAP_SYS_ADMIN)) == 0 })
        }
    }

    private var securebits: ConfinementStep {
        ConfinementStep(
            name: "securebits", reason: "without them, executing a program as user 0 would give all capabilities back",
            take: { () throws(StartupError) in
                if Capabilities.isPermitted(CAP_SETPCAP) {
                    try check(aifw_prctl(PR_SET_SECUREBITS, AIFW_SECUREBITS_ALL), "PR_SET_SECUREBITS")
                }
                let bits = UInt(try check(aifw_prctl(PR_GET_SECUREBITS, 0), "PR_GET_SECUREBITS"))
                guard bits & AIFW_SECUREBITS_NEEDED == AIFW_SECUREBITS_NEEDED else {
                    throw StartupError(
                        "not locked (SecureBits=noroot noroot-locked no-setuid-fixup no-setuid-fixup-locked)")
                }
            },
            undo: { aifw_prctl(PR_SET_SECUREBITS, 0) == 0 })
    }

    private var capabilities: ConfinementStep {
        ConfinementStep(
            name: "capabilities",
            reason: "of all capabilities, links, addresses, routes and tunnels need CAP_NET_ADMIN alone",
            take: { () throws(StartupError) in
                try Capabilities.set(
                    permitted: [CAP_NET_ADMIN], effective: role == .helper ? [CAP_NET_ADMIN] : [],
                    inheritable: inheritable)
            },
            undo: {
                let more = [CAP_NET_ADMIN, CAP_SETPCAP, CAP_SYS_ADMIN]
                let raised: Void? = try? Capabilities.set(permitted: more, effective: more, inheritable: inheritable)
                return raised != nil || Capabilities.permitted != [CAP_NET_ADMIN]
            })
    }
}
