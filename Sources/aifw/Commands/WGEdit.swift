internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-edit`: changes a tunnel, which goes on running.
struct WGEdit: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-edit",
        abstract: "Change a tunnel while it runs; what is not given stays as it is.",
        discussion: """
            aifw vpn wg-edit office --port 51821 --clear dns,endpoint

            The interface stays, and so do the peers' sessions, unless key or port are others. An empty text clears as \
            --clear does: --dns "".
            """)

    static let flags = [
        "name": "--name", "interface": "--interface", "listen_port": "--port", "address": "--address", "dns": "--dns",
        "mtu": "--mtu", "endpoint": "--endpoint", "split_routes": "--split-routes",
        "listen_interface": "--listen-interface", "fwmark": "--fwmark", "private_key": "--private-key-file",
        "masquerade": "--masquerade",
    ]

    /// What can be cleared; the MTU and the firewall mark become what they are when nothing is said.
    static let clearable = ["dns", "mtu", "endpoint", "split_routes", "listen_interface", "fwmark"]

    @Argument(help: ArgumentHelp("The tunnel: its id, name or interface.", valueName: "id"))
    var tunnel: String

    @Option(help: "What the tunnel is called: 1 to 64 characters, unlike any other tunnel's.")
    var name: String?

    @Option(help: "Its interface, wg0 to wg9999; only while it is stopped.")
    var interface: String?

    @Option(help: "The UDP port to listen on.")
    var port: Int?

    @Option(help: "The tunnel's own address with its network's prefix length; several with commas between.")
    var address: String?

    @Option(help: "DNS servers for the clients, with commas between.")
    var dns: String?

    @Option(help: "The interface's MTU in bytes.")
    var mtu: Int?

    @Option(help: ArgumentHelp("Where clients reach this server.", valueName: "host[:port]"))
    var endpoint: String?

    @Option(help: "Networks that split-tunnel clients send through the tunnel, with commas between.")
    var splitRoutes: String?

    @Option(help: "The interface that the tunnel is reached through.")
    var listenInterface: String?

    @Option(help: "The firewall mark on the tunnel's own packets: a number or 0x….")
    var fwmark: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Give what comes out of the tunnel this server's address where it goes on, for full tunnels.")
    var masquerade: Bool?

    @Option(help: ArgumentHelp("A file with another private key, as `wg genkey` writes it.", valueName: "path"))
    var privateKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "What to clear, with commas between: dns, mtu, endpoint, split-routes, listen-interface, fwmark.",
            valueName: "options"))
    var clear: [String] = []

    @OptionGroup var common: CommonOptions

    func validate() throws {
        try edit.check(more: privateKeyFile != nil)
    }

    func run(_ client: Client, _ output: Output) throws(Failure) {
        var edit = edit
        if let privateKeyFile { edit.set("private_key", try PrivateFile.key(in: privateKeyFile)) }
        let id = try client.tunnelID(tunnel)
        let response = try client.send(Request(.patch, ["vpn", "wg", id], body: edit.json))
        let document = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        let tunnel = document["data"] ?? .null
        try output.write(Details(tunnel: tunnel).rendered(colour: output.colour))
        output.warn(document)
        if edit.changes("private_key") || edit.changes("listen_port") {
            output.note(
                "Give the clients their configurations anew: aifw vpn wg-config --tunnel \(id) <peer> -o peer.conf")
        }
    }

    private var edit: Edit {
        var edit = Edit(clearable: Self.clearable, flags: Self.flags)
        edit.set("name", name)
        edit.set("interface", interface)
        edit.set("listen_port", port)
        edit.set("address", address)
        edit.set("dns", dns)
        edit.set("mtu", mtu)
        edit.set("endpoint", endpoint)
        edit.set("split_routes", splitRoutes)
        edit.set("listen_interface", listenInterface)
        if let fwmark, let number = Int(fwmark) { edit.set("fwmark", number) } else { edit.set("fwmark", fwmark) }
        edit.set("masquerade", masquerade.map(JSON.bool))
        edit.clear(clear)
        return edit
    }
}
