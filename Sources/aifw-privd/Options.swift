import Daemon

/// The command line of the helper; `--help` prints ``help``.
///
/// Read by hand: the helper links nothing that it can do without.
struct Options: Equatable {
    var socket = "/run/aifw/privd.sock"
    var peerUser = "aifw-apid"
    /// Nil if not given: ``standardUser`` when started as root, else whoever started it.
    var user: String?
    var stateDirectory = "/var/lib/aifw-privd"
    /// Nil if not given: ``PolicyFile/standardPath``, where there may be none.
    var policy: String?
    var backend = BackendChoice.auto
    var filter = FilterChoice.auto
    var launcher = Launcher.standardPath

    static let standardUser = "aifw-privd"
    static let release = "0.1.0"

    /// What a command line asks for.
    enum Task: Equatable {
        case serve(Options)
        /// To drop all privileges, print what holds, and end.
        case checkConfinement(Options)
        /// To do something about the keys in the state directory, and end.
        case keys(KeyCommand, Options)
        case help
        case version
    }

    /// Reads the arguments behind the program's name.
    ///
    /// - Throws: all faults at once, exit status 64.
    static func parse(_ arguments: [String]) throws(StartupError) -> Task {
        let commands = KeyCommand.allCases.map(\.rawValue) + ["--check-confinement"]
        var words = CommandLineWords(
            arguments,
            valued: [
                "--socket", "--peer-user", "--user", "--state-directory", "--policy", "--wireguard", "--filter",
                "--launcher",
            ],
            alone: Set(commands + ["--help", "-h", "--version"]))
        // Whoever asks for help gets it, whatever else is wrong.
        if !words.alone.isDisjoint(with: ["--help", "-h"]) { return .help }
        if words.alone.contains("--version") { return .version }
        let asked = commands.filter(words.alone.contains)
        if asked.count > 1 { words.faults.append("\(asked[1]) can't go with \(asked[0])") }
        var options = Options()
        for (flag, value) in words.values { options.set(flag, to: value, &words) }
        try words.finish("aifw-privd")
        guard let command = asked.first else { return .serve(options) }
        return KeyCommand(rawValue: command).map { .keys($0, options) } ?? .checkConfinement(options)
    }

    private mutating func set(_ flag: String, to value: String, _ words: inout CommandLineWords) {
        switch flag {
        case "--socket":
            socket = value
            words.checkPath(value, flag, limit: 107)
        case "--launcher":
            launcher = value
            words.checkPath(value, flag, limit: 107)
        case "--state-directory":
            stateDirectory = value
            words.checkPath(value, flag)
        case "--policy":
            policy = value
            words.checkPath(value, flag)
        case "--peer-user": peerUser = value
        case "--user": user = value
        case "--filter": set(\.filter, flag, to: value, &words)
        default: set(\.backend, flag, to: value, &words)
        }
    }

    private mutating func set<Choice: RawRepresentable<String> & CaseIterable>(
        _ choice: WritableKeyPath<Options, Choice>, _ flag: String, to value: String, _ words: inout CommandLineWords
    ) {
        guard let chosen = Choice(rawValue: value) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            return words.faults.append("\(flag) must be one of \(choices), not \"\(value)\"")
        }
        self[keyPath: choice] = chosen
    }

    static let help = """
        usage: aifw-privd [options]

        The privileged half of AiFw VPN: makes WireGuard tunnels and their pass rules for aifw-apid, and does nothing else.
        Started as root it drops to an account with CAP_NET_ADMIN alone; started by systemd it is that account already.

          --socket PATH           where aifw-apid connects (default /run/aifw/privd.sock); not used if systemd passes
                                  a socket (LISTEN_FDS)
          --peer-user NAME|UID    the one account that may connect (default aifw-apid)
          --user NAME|UID         the account to drop to when started as root (default aifw-privd); never root
          --state-directory DIR   holds master.key (default /var/lib/aifw-privd)
          --policy PATH           root's file of what networks tunnels may use, and how much there may be (default
                                  /etc/aifw/privd.policy, and the built-in policy if that is not there)
          --wireguard CHOICE      auto, kernel or userspace (default auto: the kernel's module if there is one)
          --filter CHOICE         what holds the pass rules: auto, nftables, pf or none (default auto: nftables if the
                                  kernel has nf_tables, else none; pf is for a host with a pfctl of its own, and is run by
                                  an aifw-launcher with --pfctl)
          --launcher PATH         where aifw-launcher starts userspace tunnels and pfctl (default
                                  /run/aifw-launcher.sock)
          --check-confinement     drop all privileges, print what holds, and end
          --rotate-key            put a new master key in front, to be taken at the helper's next start; then end
          --retire-key            remove the former master key, once no secret is under it; then end
          --recovery-init         make a recovery key, print its code once, end: backups then hold tunnels' keys
          --recovery-import       read a recovery code from the terminal, for a restore on a new machine; then end
          --version               print the release
          --help                  print this

        Exit status: 0 after --help, --version and --check-confinement, 64 for a wrong command line, 1 for anything else.
        It logs to standard error, one line each; "ready:" says that it serves.

        """
}
