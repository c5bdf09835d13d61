import CSodium
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
            case .keys(let command, let options): print(try command.run(options, account: try account(for: options)))
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
        let account = try account(for: options)
        let peer = try Account(options.peerUser)
        guard peer.user != account.user else {
            throw StartupError("the peer must not be the helper's own account: what one may read, both may")
        }

        let listener = try Listener.take(path: options.socket, peer: peer)
        let backend = try backend(for: options.backend)
        let launcher = try startLauncher(options, backend, account: account)
        let vault = try openVault(options, account: account)
        let kernel = try openKernel(backend, launcher: launcher)
        try Privileges(.helper, account: account).dropAndProve()

        Journal.write("ready: wireguard in \(kernel.backend.rawValue), user \(account.user), peer user \(peer.user)")
        var server = Server(
            listener: listener.descriptor, peerUser: peer.user, lifeline: launcher?.descriptor ?? -1,
            dispatch: Dispatch(vault: vault, kernel: kernel))
        try server.run()
    }

    /// The account to serve under: that of `--user` for root, else whoever started the helper.
    private static func account(for options: Options) throws(StartupError) -> Account {
        guard geteuid() == 0 else {
            let current = Account.current
            if let user = options.user {
                let wanted = try Account(user)
                guard wanted.user == current.user else {
                    throw StartupError("--user \(user) needs root; the helper was started as user \(current.user)")
                }
            }
            return current
        }
        let account = try Account(options.user ?? Options.standardUser)
        guard account.user != 0, account.group != 0 else {
            throw StartupError("--user must be an account that is not root's, nor of root's group")
        }
        return account
    }

    /// The launcher is forked before the master key is read, so that it never holds it. Nil where it is not needed.
    private static func startLauncher(
        _ options: Options, _ backend: WireGuardBackend, account: Account
    ) throws(StartupError) -> Launcher? {
        guard backend == .userspace else { return nil }
        try Folders.prepareWireGuard(for: account)
        return try Launcher.fork(program: options.wireguardGo, account: account)
    }

    private static func openVault(_ options: Options, account: Account) throws(StartupError) -> Vault {
        let folder = try Folders.openState(options.stateDirectory, for: account)
        defer { close(folder) }
        return Vault(keys: try MasterKeyFile.open(in: folder, account: account))
    }

    /// Asked before anything is started: a host whose kernel has WireGuard needs no wireguard-go.
    private static func backend(for choice: BackendChoice) throws(StartupError) -> WireGuardBackend {
        do {
            return try Kernel.backend(for: choice)
        } catch {
            throw StartupError("can't use the kernel: \(error)")
        }
    }

    private static func openKernel(
        _ backend: WireGuardBackend, launcher: Launcher?
    ) throws(StartupError) -> Kernel {
        do {
            return try Kernel.open(backend: backend, launcher: launcher ?? NoLauncher())
        } catch {
            throw StartupError("can't use the kernel: \(error)")
        }
    }
}

/// Stands where the kernel's module is all that may be used.
private final class NoLauncher: WireGuardGoStarting {
    func start(_ interface: TunnelInterface) throws(Refusal) {
        throw Refusal(.launcher, "wireguard-go is turned off by --wireguard kernel", field: "interface")
    }
}

extension Kernel: HostKernel {}
