import Daemon

/// The command line of the launcher; `--help` prints ``help``.
struct Options: Equatable {
    var socket = "/run/aifw-launcher.sock"
    /// The account to run under, and the one that may connect: wireguard-go's sockets must be the helper's. Nil if not
    /// given: ``standardUser`` when started as root, else whoever started it.
    var user: String?
    var program = "/usr/bin/wireguard-go"
    /// Nil where pf is not what filters packets.
    var pfctl: String?
    /// Nil if not given: ``Pfctl/standardDevice``.
    var device: String?

    static let standardUser = "aifw-privd"
    static let release = "0.1.0"

    /// What a command line asks for.
    enum Task: Equatable {
        case serve(Options)
        /// To drop all privileges, print what holds, and end.
        case checkConfinement(Options)
        case help
        case version
    }

    /// Reads the arguments behind the program's name.
    ///
    /// - Throws: all faults at once, exit status 64.
    static func parse(_ arguments: [String]) throws(StartupError) -> Task {
        var words = CommandLineWords(
            arguments, valued: ["--socket", "--user", "--wireguard-go", "--pfctl", "--pf-device"],
            alone: ["--help", "-h", "--version", "--check-confinement"])
        if !words.alone.isDisjoint(with: ["--help", "-h"]) { return .help }
        if words.alone.contains("--version") { return .version }
        var options = Options()
        for (flag, value) in words.values {
            switch flag {
            case "--socket":
                options.socket = value
                words.checkPath(value, flag, limit: 107)
            case "--wireguard-go":
                options.program = value
                words.checkPath(value, flag)
            case "--pfctl":
                options.pfctl = value
                words.checkPath(value, flag)
            case "--pf-device":
                options.device = value
                words.checkPath(value, flag)
            default: options.user = value
            }
        }
        if options.device != nil, options.pfctl == nil { words.faults.append("--pf-device needs --pfctl") }
        try words.finish("aifw-launcher")
        return words.alone.contains("--check-confinement") ? .checkConfinement(options) : .serve(options)
    }

    static let help = """
        usage: aifw-launcher [options]

        Starts wireguard-go for aifw-privd, on hosts whose kernel has no WireGuard, and pfctl for the one anchor aifw-vpn,
        where pf filters packets; it can do nothing else. The wireguard-go it has started outlive it. Started as root it
        drops to an account with CAP_NET_ADMIN for what it starts alone; started by systemd it is that account already.

          --socket PATH           where aifw-privd connects (default /run/aifw-launcher.sock); not used if systemd passes
                                  a socket (LISTEN_FDS)
          --user NAME|UID         the helper's account, to run under and to take connections of (default aifw-privd)
          --wireguard-go PATH     the program (default /usr/bin/wireguard-go)
          --pfctl PATH            pfctl, which aifw-privd needs for --filter pf (default none: no program but wireguard-go)
          --pf-device PATH        the device that pfctl speaks to (default /dev/pf)
          --check-confinement     drop all privileges, print what holds, and end
          --version               print the release
          --help                  print this

        Exit status: 0 after --help, --version and --check-confinement, 64 for a wrong command line, 1 for anything else.
        It logs to standard error, one line each; "ready:" says that it serves.

        """
}
