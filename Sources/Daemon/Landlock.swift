import CSeccomp
import Glibc

/// What of the file system a process can still open, by the kernel's Landlock (landlock(7)): nothing but what its rules
/// name. Beneath them it may do only what its account may anyway.
///
/// Where the kernel's version knows them, TCP and abstract Unix sockets of others are shut as well.
package struct Landlock {
    /// What a rule lets through; the numbers are those of linux/landlock.h.
    package struct Rights: OptionSet, Sendable {
        package let rawValue: UInt64
        package init(rawValue: UInt64) { self.rawValue = rawValue }

        package static let execute = Rights(rawValue: 1 << 0)
        package static let writeFile = Rights(rawValue: 1 << 1)
        package static let readFile = Rights(rawValue: 1 << 2)
        package static let readFolder = Rights(rawValue: 1 << 3)
        package static let removeFile = Rights(rawValue: 1 << 5)
        package static let makeFolder = Rights(rawValue: 1 << 7)
        package static let makeFile = Rights(rawValue: 1 << 8)
        package static let makeSocket = Rights(rawValue: 1 << 9)
        /// Since ABI 3; until then nothing keeps a file that may be written from being cut.
        package static let cutFile = Rights(rawValue: 1 << 14)
        /// Since ABI 5; until then devices take what the account may ask of them.
        package static let control = Rights(rawValue: 1 << 15)

        /// What a kernel's ABI can deny: 13 rights at first, then one with ABI 2, 3 and 5 each.
        static func known(toABI abi: Int32) -> Rights {
            Rights(rawValue: (1 << (13 + (abi >= 2 ? 1 : 0) + (abi >= 3 ? 1 : 0) + (abi >= 5 ? 1 : 0))) - 1)
        }

        /// What can be asked of a file that is no folder.
        private static let ofFiles: Rights = [.execute, .writeFile, .readFile, .cutFile, .control]

        func fitting(_ status: stat) -> Rights {
            status.st_mode & S_IFMT == S_IFDIR ? self : intersection(Self.ofFiles)
        }
    }

    private let rules: [(path: String, rights: Rights)]
    private let keepsSignals: Bool
    private let keepsTCP: Bool

    /// - Parameters:
    ///   - rules: what stays open; a path that is not there is passed over.
    ///   - keepsSignals: whether processes outside the cage can still be sent signals.
    ///   - keepsTCP: whether TCP can still be spoken.
    package init(_ rules: [(path: String, rights: Rights)] = [], keepsSignals: Bool = false, keepsTCP: Bool = false) {
        self.rules = rules
        self.keepsSignals = keepsSignals
        self.keepsTCP = keepsTCP
    }

    package var step: ConfinementStep {
        ConfinementStep(
            name: "files", reason: "nothing of the file system is needed but \(names)",
            take: restrict,
            // A folder that everybody may list.
            undo: {
                let descriptor = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                if descriptor >= 0 { close(descriptor) }
                return descriptor >= 0 || errno != EACCES
            })
    }

    private var names: String { rules.isEmpty ? "what is open already" : rules.map(\.path).joined(separator: ", ") }

    /// Shuts the calling thread in, with all that it starts. PR_SET_NO_NEW_PRIVS must have been set.
    package func restrict() throws(StartupError) {
        let abi = aifw_landlock_abi()
        guard abi > 0 else {
            throw StartupError(
                "this kernel has no Landlock (boot it with lsm=landlock,…; Linux 5.13 or newer)", errno: errno)
        }
        let known = Rights.known(toABI: abi)
        var attributes = aifw_landlock_rules(
            files: known.rawValue, network: abi >= 4 && !keepsTCP ? 0b11 : 0,
            scopes: abi >= 6 ? (keepsSignals ? 0b01 : 0b11) : 0)
        let ruleset = try check(aifw_landlock_create(&attributes), "landlock_create_ruleset")
        defer { close(ruleset) }
        for rule in rules {
            let path = open(rule.path, AIFW_PATH_ONLY)
            if path < 0, errno == ENOENT { continue }
            try check(path, "can't open \(rule.path)")
            defer { close(path) }
            var status = stat()
            try check(fstat(path, &status), "can't look at \(rule.path)")
            let rights = rule.rights.intersection(known).fitting(status)
            try check(aifw_landlock_allow(ruleset, path, rights.rawValue), "landlock_add_rule for \(rule.path)")
        }
        try check(aifw_landlock_restrict(ruleset), "landlock_restrict_self")
    }
}
