internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-peer-edit`: changes a peer; no other peer of the tunnel notices.
struct WGPeerEdit: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-peer-edit",
        abstract: "Change a peer while its tunnel runs; what is not given stays as it is.",
        discussion: """
            aifw vpn wg-peer-edit --tunnel office laptop --keepalive 25 --clear expires

            An empty text clears as --clear does: --endpoint "". For a new key pair see `aifw vpn wg-rotate`.
            """)

    static let flags = [
        "name": "--name", "public_key": "--pubkey", "endpoint": "--endpoint", "allowed_ips": "--allowed-ips",
        "persistent_keepalive": "--keepalive", "keepalive": "--keepalive", "preshared_key": "--preshared-key",
        "client_routes": "--client-routes", "expires_at": "--expires",
    ]

    /// What can be cleared.
    static let clearable = ["endpoint", "persistent_keepalive", "preshared_key", "client_routes", "expires_at"]

    @Option(help: ArgumentHelp("The tunnel: its id, name or interface.", valueName: "id"))
    var tunnel: String

    @Argument(help: ArgumentHelp("The peer: its id or name.", valueName: "peer"))
    var peer: String

    @Option(help: "What the peer is called: 1 to 64 characters, unlike any other of the tunnel.")
    var name: String?

    @Option(help: ArgumentHelp("Another public key; the old one is dead at once.", valueName: "key"))
    var pubkey: String?

    @Option(help: ArgumentHelp("Where the peer is reached, if it does not call first.", valueName: "host:port"))
    var endpoint: String?

    @Option(help: "The addresses and networks behind the peer, with commas between; auto is the next free address.")
    var allowedIps: String?

    @Option(help: "The seconds between keepalives, typically 25; 0 is none.")
    var keepalive: Int?

    @Option(help: ArgumentHelp("Have the server make a pre-shared key, or have none.", valueName: "auto|none"))
    var presharedKey: String?

    @Option(help: ArgumentHelp("A file with the pre-shared key, as `wg genpsk` writes it.", valueName: "path"))
    var presharedKeyFile: String?

    @Option(help: "Networks for this peer's split tunnel instead of the tunnel's, with commas between.")
    var clientRoutes: String?

    @Option(help: ArgumentHelp("When it ends: a time such as 2030-01-31T12:00:00Z, or 12h, 30d.", valueName: "time"))
    var expires: Expiry?

    @Option(
        help: ArgumentHelp(
            "What to clear, with commas between: endpoint, keepalive, preshared-key, client-routes, expires.",
            valueName: "options"))
    var clear: [String] = []

    @OptionGroup var common: CommonOptions

    func validate() throws {
        // Every user of the machine can read a command line, so a key has no place in it, nor in what we say about it.
        guard presharedKey == nil || presharedKey == "auto" || presharedKey == "none" else {
            throw ValidationError("--preshared-key takes auto or none only; give a key by --preshared-key-file.")
        }
        guard presharedKeyFile == nil || !edit.changes("preshared_key") else {
            throw ValidationError("Give either --preshared-key auto or none, or --preshared-key-file.")
        }
        try edit.check(more: presharedKeyFile != nil)
    }

    func run(_ client: Client, _ output: Output) throws(Failure) {
        var edit = edit
        if let presharedKeyFile { edit.set("preshared_key", try PrivateFile.key(in: presharedKeyFile)) }
        let tunnelID = try client.tunnelID(tunnel)
        let id = try client.peerID(peer, in: tunnelID)
        let response = try client.send(Request(.patch, ["vpn", "wg", tunnelID, "peers", id], body: edit.json))
        let document = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        let peer = document["data"] ?? .null
        try output.write(Details(peer: peer).rendered(colour: output.colour))
        output.warn(document)
        let isStale = ["allowed_ips", "preshared_key", "persistent_keepalive"].contains { edit.changes($0) }
        if isStale, peer["has_private_key"] == .bool(true) {
            output.note("Fetch its configuration anew: aifw vpn wg-config --tunnel \(tunnelID) \(id) -o peer.conf")
        }
    }

    private var edit: Edit {
        var edit = Edit(clearable: Self.clearable, flags: Self.flags)
        edit.set("name", name)
        edit.set("public_key", pubkey)
        edit.set("endpoint", endpoint)
        if allowedIps == "auto" { edit.set("allowed_ips", "auto") } else { edit.set("allowed_ips", list: allowedIps) }
        edit.set("persistent_keepalive", keepalive)
        if presharedKey == "none" { edit.set("preshared_key", "") } else { edit.set("preshared_key", presharedKey) }
        edit.set("client_routes", list: clientRoutes)
        edit.set("expires_at", expires?.time)
        edit.clear(clear)
        return edit
    }
}
