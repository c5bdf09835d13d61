internal import Glibc
internal import KernelMessages
internal import Wire

/// WireGuard by a wireguard-go process for each interface, for a host whose kernel has none.
///
/// The process is started by the launcher and outlives the helper; whoever comes later finds it by its control socket and
/// by the alias of its link. When it dies, its TUN link goes with it.
struct WireGuardUserspace: WireGuard {
    private let links: Links
    private let launcher: any WireGuardGoStarting
    /// Where wireguard-go keeps its sockets; one folder for all network namespaces.
    private let folder: String
    /// How long a wireguard-go may take to end after its link is gone, in milliseconds; then it is killed.
    private let patience: Int32

    init(
        links: Links, launcher: any WireGuardGoStarting, folder: String = "/run/wireguard", patience: Int32 = 5_000
    ) {
        self.links = links
        self.launcher = launcher
        self.folder = folder
        self.patience = patience
    }

    let backend = WireGuardBackend.userspace

    func runs(_ link: Link) throws(Refusal) -> Bool {
        guard link.kind == "tun" else { return false }
        return try connect(try interface(link)) != nil
    }

    /// A TUN link whose wireguard-go runs under our own account is ours: nobody else starts one so. That says nothing for
    /// root, under whom everybody's would run.
    func isLeftover(_ link: Link) -> Bool {
        guard link.alias == nil, link.kind == "tun", geteuid() != 0, let interface = try? TunnelInterface(link.name),
            let socket = try? connect(interface)
        else { return false }
        return socket.server.user == geteuid()
    }

    func make(_ interface: TunnelInterface, tunnel: ObjectID, port: Port) throws(Refusal) -> Link {
        try FreePort.check(port)
        try clear(interface)
        try launcher.start(interface)
        guard let socket = try connect(interface), socket.server.user == geteuid(),
            let link = try links.find(interface.description), link.kind == "tun"
        else { throw Refusal(.launcher, "wireguard-go has started, but \(interface) is not there", field: "interface") }
        guard link.alias == nil else { throw Refusal(.notOurs, "\(interface) was taken meanwhile", field: "interface") }
        do {
            try links.set(link, alias: TunnelAlias.text(tunnel))
            try links.disableGeneratedAddresses(link)
        } catch {
            try? remove(link)
            throw error
        }
        return link
    }

    func check(_ port: Port) throws(Refusal) { try FreePort.check(port) }

    func set(_ change: DeviceChange, of link: Link) throws(Refusal) {
        try connected(link).set(UserspaceConfiguration(change), doing: "configure \(link.name)")
    }

    func device(_ link: Link) throws(Refusal) -> DeviceState {
        // The settings come first; the peers behind them are left unread.
        var reading = UserspaceReading(publicKey: Vault.publicKey)
        try connected(link).get(doing: "read \(link.name)") { (line) throws(Refusal) in try reading.takeSetting(line) }
        return reading.settings
    }

    func apply(_ change: PeersChange, to link: Link) throws(Refusal) {
        guard !change.isEmpty else { return }
        try connected(link).set(UserspaceConfiguration(change), doing: "set the peers of \(link.name)")
    }

    func read(
        _ link: Link, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint,
        device: (DeviceState) throws(Refusal) -> Void, peer: (PeerState) throws(Refusal) -> Void
    ) throws(Refusal) {
        var reading = UserspaceReading(publicKey: Vault.publicKey)
        try connected(link).get(doing: "read \(link.name)") { (line) throws(Refusal) in
            try reading.take(line, fingerprint: fingerprint, device: device, peer: peer)
            return true
        }
        try reading.finish(device: device, peer: peer)
    }

    func remove(_ link: Link) throws(Refusal) {
        let interface = try interface(link)
        let socket = try connect(interface)
        let process = socket.flatMap { hold($0) }
        try links.delete(link)
        if let socket { try end(interface, socket, process) }
        try clear(interface)
    }

    // MARK: The process behind an interface

    private func path(_ interface: TunnelInterface) -> String { "\(folder)/\(interface).sock" }

    private func connect(_ interface: TunnelInterface) throws(Refusal) -> UserspaceSocket? {
        try UserspaceSocket(interface, path: path(interface))
    }

    private func connected(_ link: Link) throws(Refusal) -> UserspaceSocket {
        guard let socket = try connect(try interface(link)) else {
            throw Refusal(
                .notFound, "the wireguard-go of \(link.name) is gone", field: "interface", errno: ECONNREFUSED)
        }
        return socket
    }

    private func interface(_ link: Link) throws(Refusal) -> TunnelInterface {
        do {
            return try TunnelInterface(link.name)
        } catch {
            throw Refusal(.policy, "\(link.name) is no tunnel's interface")
        }
    }

    /// A hold on the process that serves the socket: that is certain if the connection is still open once it is held.
    private func hold(_ socket: UserspaceSocket) -> RunningProcess? {
        guard socket.server.process != getpid(), let process = RunningProcess(socket.server.process), socket.isOpen
        else { return nil }
        return process
    }

    /// Waits until a wireguard-go that has lost its link has ended, and with it its port is free; one that does not end is
    /// killed.
    private func end(
        _ interface: TunnelInterface, _ socket: UserspaceSocket, _ process: RunningProcess?
    ) throws(Refusal) {
        if !socket.waitUntilClosed(milliseconds: patience) {
            process?.kill()
            guard process != nil, socket.waitUntilClosed(milliseconds: patience) else {
                throw Refusal(
                    kernel: ETIMEDOUT, "end the wireguard-go of \(interface), process \(socket.server.process)")
            }
        }
        // Its descriptors are closed one after the other; all are when it has ended.
        _ = process?.waitUntilEnded(milliseconds: patience)
    }

    /// Waits for a wireguard-go that is just ending. The socket of one that was killed is the next one's to replace.
    private func clear(_ interface: TunnelInterface) throws(Refusal) {
        if let socket = try connect(interface), !socket.waitUntilClosed(milliseconds: patience) {
            throw Refusal(
                kernel: EADDRINUSE, "use \(path(interface))",
                detail: "process \(socket.server.process) serves it for an interface that is not on this host",
                field: "interface")
        }
    }
}
