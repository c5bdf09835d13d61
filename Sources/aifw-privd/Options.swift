/// The command line of the helper; `--help` prints ``help``.
///
/// Read by hand: the helper links nothing that it can do without.
struct Options: Equatable {
    var socket = "/run/aifw/privd.sock"
    var peerUser = "aifw-apid"
    /// Nil if not given: ``standardUser`` when started as root, else whoever started it.
    var user: String?
    var stateDirectory = "/var/lib/aifw-privd"
    var backend = BackendChoice.auto
    var wireguardGo = "/usr/bin/wireguard-go"

    static let standardUser = "aifw-privd"
    static let release = "0.1.0"

    /// What a command line asks for.
    enum Task: Equatable {
        case serve(Options)
        case keys(KeyCommand, Options)
        case help
        case version
    }

    /// Reads the arguments behind the program's name, as `--flag value` or `--flag=value`.
    ///
    /// - Throws: all faults at once, exit status 64.
    static func parse(_ arguments: [String]) throws(StartupError) -> Task {
        var options = Options()
        var faults: [String] = []
        var seen: Set<String> = []
        var task: Task?
        var command: KeyCommand?
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--help" || argument == "-h" {
                task = .help
                continue
            }
            if argument == "--version" {
                task = task ?? .version
                continue
            }
            if let asked = KeyCommand(rawValue: argument) {
                if let command { faults.append("\(asked.rawValue) can't go with \(command.rawValue)") }
                command = asked
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let flag = parts[0]
            guard flags.contains(flag) else {
                faults.append("unknown argument \"\(argument)\"")
                continue
            }
            guard seen.insert(flag).inserted else {
                faults.append("\(flag) is given twice")
                if parts.count == 1 { _ = rest.popFirst() }
                continue
            }
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst(), !value.isEmpty else {
                faults.append("\(flag) needs a value")
                continue
            }
            if let fault = options.set(flag, to: value) { faults.append(fault) }
        }
        // Whoever asks for help gets it, whatever else is wrong.
        if let task { return task }
        guard faults.isEmpty else {
            throw StartupError(faults.joined(separator: "; ") + "; see aifw-privd --help", exitStatus: 64)
        }
        return if let command { .keys(command, options) } else { .serve(options) }
    }

    private static let flags: Set = [
        "--socket", "--peer-user", "--user", "--state-directory", "--wireguard", "--wireguard-go",
    ]

    /// Takes one value over; returns what is wrong with it, or nil.
    private mutating func set(_ flag: String, to value: String) -> String? {
        switch flag {
        case "--socket":
            socket = value
            // sun_path of unix(7) has 108 bytes with its NUL.
            guard value.utf8.count <= 107 else { return "\(flag) must have at most 107 bytes" }
            return fault(ofPath: value, flag)
        case "--state-directory":
            stateDirectory = value
            return fault(ofPath: value, flag)
        case "--wireguard-go":
            wireguardGo = value
            return fault(ofPath: value, flag)
        case "--peer-user": peerUser = value
        case "--user": user = value
        default:
            guard let choice = BackendChoice(rawValue: value) else {
                let words = BackendChoice.allCases.map(\.rawValue).joined(separator: ", ")
                return "\(flag) must be one of \(words), not \"\(value)\""
            }
            backend = choice
        }
        return nil
    }

    private func fault(ofPath value: String, _ flag: String) -> String? {
        value.hasPrefix("/") ? nil : "\(flag) must be an absolute path, not \"\(value)\""
    }

    static let help = """
        usage: aifw-privd [options]

        The privileged half of AiFw VPN: makes WireGuard tunnels for aifw-apid, and does nothing else.
        Started as root it drops to an account with CAP_NET_ADMIN alone; started by systemd it is that account already.

          --socket PATH           where aifw-apid connects (default /run/aifw/privd.sock); not used if systemd passes
                                  a socket (LISTEN_FDS)
          --peer-user NAME|UID    the one account that may connect (default aifw-apid)
          --user NAME|UID         the account to drop to when started as root (default aifw-privd); never root
          --state-directory DIR   holds master.key (default /var/lib/aifw-privd)
          --wireguard CHOICE      auto, kernel or userspace (default auto: the kernel's module if there is one)
          --wireguard-go PATH     the program of userspace tunnels (default /usr/bin/wireguard-go)
          --rotate-key            put a new master key in front, to be taken at the helper's next start; then exit
          --retire-key            remove the former master key, once no secret is under it; then exit
          --version               print the release
          --help                  print this

        Exit status: 0 after --help and --version, 64 for a wrong command line, 1 for anything else.
        It logs to standard error, one line each; "ready:" says that it serves.

        """
}
