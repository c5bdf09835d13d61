import CSodium
import Daemon
import Glibc
import Wire

/// The privileged helper: what it does from its start until it serves, in order (docs/PRIVSEP.md).
@main
struct Privd {
    static func main() {
        do throws(StartupError) {
            switch try Options.parse(Array(CommandLine.arguments.dropFirst())) {
            case .help: print(Options.help, terminator: "")
            case .version: print("aifw-privd \(Options.release)")
            case .checkConfinement(let options): try check(options)
            case .keys(let command, let options): try change(command, options)
            case .serve(let options): try serve(options)
            }
        } catch {
            Journal.write(error.description)
            exit(error.exitStatus)
        }
    }

    /// Takes what needs privilege, gives the privilege up, serves. Returns only by throwing.
    private static func serve(_ options: Options) throws(StartupError) {
        // A client that goes away is an error of send(2), not the end of the helper.
        signal(SIGPIPE, SIG_IGN)
        try Listener.closeInherited()
        guard sodium_init() >= 0 else { throw StartupError("libsodium can't be set up") }
        let account = try Account.serving(options.user, standard: Options.standardUser)
        let peer = try Account(options.peerUser)
        guard peer.user != account.user else {
            throw StartupError("the peer must not be the helper's own account: what one may read, both may")
        }

        let policy = try PolicyFile.read(options.policy)
        let listener = try Listener.take(path: options.socket, kind: .stream, peer: peer)
        let backend = try asking { () throws(Refusal) in try Kernel.backend(for: options.backend) }
        let filter = try asking { () throws(Refusal) in try Kernel.filter(for: options.filter) }
        let vault = try openVault(options, account: account)
        let launcher = Launcher(path: options.launcher)
        let kernel = try asking { () throws(Refusal) in
            try Kernel.open(
                backend: backend, launcher: launcher, filter: try Kernel.openFilter(filter, pfctl: launcher))
        }
        try Confinement.helper(backend, filter, account: account).enterAndProve()

        Journal.write(
            "ready: wireguard in \(kernel.backend.rawValue), filter \(kernel.filter.rawValue), user \(account.user), peer user \(peer.user), "
                + "\(policy == nil ? "built-in policy" : "policy \(options.policy ?? PolicyFile.standardPath)")")
        var server = Server(
            listener: listener.descriptor, peerUser: peer.user,
            dispatch: Dispatch(vault: vault, kernel: kernel, policy: policy ?? .standard, now: Clock.now))
        try server.run()
    }

    private static func change(_ command: KeyCommand, _ options: Options) throws(StartupError) {
        guard sodium_init() >= 0 else { throw StartupError("libsodium can't be set up") }
        let account = try Account.serving(options.user, standard: Options.standardUser)
        try command.run(options, account: account)
    }

    private static func check(_ options: Options) throws(StartupError) {
        let account = try Account.serving(options.user, standard: Options.standardUser)
        let backend = try asking { () throws(Refusal) in try Kernel.backend(for: options.backend) }
        let filter = try asking { () throws(Refusal) in try Kernel.filter(for: options.filter) }
        let confinement = Confinement.helper(backend, filter, account: account)
        for line in try confinement.enterAndProve() { Journal.show(line) }
    }

    private static func openVault(_ options: Options, account: Account) throws(StartupError) -> Vault {
        let folder = try StateDirectory.open(options.stateDirectory, for: account)
        defer { close(folder) }
        let keys = try MasterKeyFile.open(in: folder, account: account)
        return Vault(keys: keys, recovery: try Recovery.read(in: folder, account: account))
    }

    /// What the kernel is asked before anything is started: a host whose kernel has WireGuard needs no wireguard-go.
    private static func asking<Answer>(_ question: () throws(Refusal) -> Answer) throws(StartupError) -> Answer {
        do {
            return try question()
        } catch {
            throw StartupError("can't use the kernel: \(error)")
        }
    }
}

extension Kernel: HostKernel {}
