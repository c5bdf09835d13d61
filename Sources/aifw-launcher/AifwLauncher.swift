import CCap
import Daemon
import Glibc

/// The launcher: what it does from its start until it serves, in order (docs/PRIVSEP.md).
@main
struct AifwLauncher {
    static func main() {
        do throws(StartupError) {
            switch try Options.parse(Array(CommandLine.arguments.dropFirst())) {
            case .help: print(Options.help, terminator: "")
            case .version: print("aifw-launcher \(Options.release)")
            case .checkConfinement(let options): try check(options)
            case .serve(let options): try serve(options)
            }
        } catch {
            Journal.write(error.description)
            exit(error.exitStatus)
        }
    }

    /// Takes what needs privilege, gives the privilege up, serves. Returns only by throwing.
    private static func serve(_ options: Options) throws(StartupError) {
        signal(SIGPIPE, SIG_IGN)
        try Listener.closeInherited()
        let account = try Account.serving(options.user, standard: Options.standardUser)
        let listener = try Listener.take(path: options.socket, kind: .packets, peer: account)
        try SocketFolder.prepare(for: account)
        // A descriptor a program that runs; the usual soft limit of 1,024 is fewer than a host may have tunnels.
        try Daemon.check(aifw_raise_descriptors(), "can't raise the limit of descriptors")
        try confinement(options, account).enterAndProve()
        let programs = options.program + (options.pfctl.map { " and \($0)" } ?? "")
        Journal.write("ready: starts \(programs) for user \(account.user)")
        var starter = Starter(
            listener: listener.descriptor, peerUser: account.user, program: options.program,
            pfctl: options.pfctl.map { Pfctl(program: $0) })
        try starter.run()
    }

    private static func check(_ options: Options) throws(StartupError) {
        let account = try Account.serving(options.user, standard: Options.standardUser)
        for line in try confinement(options, account).enterAndProve() { Journal.show(line) }
    }

    private static func confinement(_ options: Options, _ account: Account) throws(StartupError) -> Confinement {
        var pfctl: Program?
        if let path = options.pfctl { pfctl = try Program(path, "pfctl") }
        return Confinement.launcher(
            try Program(options.program, "wireguard-go"), pfctl: pfctl, device: options.device ?? Pfctl.standardDevice,
            account: account)
    }
}
