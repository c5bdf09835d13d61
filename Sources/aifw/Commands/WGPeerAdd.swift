internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-peer-add`: a new peer of a tunnel.
struct WGPeerAdd: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-peer-add",
        abstract: "Add a peer to a tunnel.",
        discussion: """
            aifw vpn wg-peer-add --tunnel <id> --name laptop --pubkey <key> --endpoint 1.2.3.4:51820

            Without --pubkey the server makes a key pair and keeps the private key for `aifw vpn wg-config`, or hands it \
            out in a configuration this once: --no-keep-private-key -o peer.conf. Without --allowed-ips the peer gets \
            the tunnel's next free address.
            """)

    static let flags = [
        "name": "--name", "public_key": "--pubkey", "endpoint": "--endpoint", "allowed_ips": "--allowed-ips",
        "persistent_keepalive": "--keepalive", "keepalive": "--keepalive", "preshared_key": "--preshared-key",
        "client_routes": "--client-routes", "expires_at": "--expires", "enabled": "--disabled",
        "keep_private_key": "--no-keep-private-key",
    ]

    @Option(help: ArgumentHelp("The tunnel: its id, name or interface.", valueName: "id"))
    var tunnel: String

    @Option(help: "What the peer is called: 1 to 64 characters, unlike any other of the tunnel.")
    var name: String

    @Option(help: ArgumentHelp("The peer's public key (default: a key pair is made).", valueName: "key"))
    var pubkey: String?

    @Option(help: ArgumentHelp("Where the peer is reached, if it does not call first.", valueName: "host:port"))
    var endpoint: String?

    @Option(help: "The addresses and networks behind the peer, with commas between (default: the next free address).")
    var allowedIps: String?

    @Option(help: "The seconds between keepalives, typically 25; 0 is none.")
    var keepalive: Int?

    @Option(help: ArgumentHelp("Have the server make a pre-shared key.", valueName: "auto"))
    var presharedKey: String?

    @Option(help: ArgumentHelp("A file with the pre-shared key, as `wg genpsk` writes it.", valueName: "path"))
    var presharedKeyFile: String?

    @Option(help: "Networks for this peer's split tunnel instead of the tunnel's, with commas between.")
    var clientRoutes: String?

    @Option(help: ArgumentHelp("When it ends: a time such as 2030-01-31T12:00:00Z, or 12h, 30d.", valueName: "time"))
    var expires: Expiry?

    @Flag(help: "Add it, but do not admit it yet.")
    var disabled = false

    @Flag(name: .customLong("no-keep-private-key"), help: "Do not keep the private key that the server makes.")
    var dropsPrivateKey = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write the peer's configuration to this file (mode 0600); - is standard output.", valueName: "file"))
    var output: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        // Every user of the machine can read a command line, so a key has no place in it, nor in what we say about it.
        guard presharedKey == nil || presharedKey == "auto" else {
            throw ValidationError("--preshared-key takes the word auto only; give a key by --preshared-key-file.")
        }
        guard presharedKey == nil || presharedKeyFile == nil else {
            throw ValidationError("Give either --preshared-key auto or --preshared-key-file.")
        }
        guard output == nil || pubkey == nil else {
            throw ValidationError("With --pubkey the private key is not here, so there is no configuration for -o.")
        }
        guard output == nil || !common.json else { throw ValidationError("Give either -o or --json.") }
        guard !dropsPrivateKey || output != nil || common.json else {
            throw ValidationError("With --no-keep-private-key say by -o where the configuration is to go; - is here.")
        }
    }

    func run(_ client: Client, _ terminal: Output) throws(Failure) {
        let body = try body()
        let destination = try ConfigurationDestination(output)
        let id = try client.tunnelID(tunnel)
        let response = try client.send(Request(.post, ["vpn", "wg", id, "peers"], body: body))
        let document = try response.json()
        guard !terminal.json else { return try terminal.write(document: response.body) }
        let peer = document["data"] ?? .null
        if output == nil || destination.leavesOutputFree {
            try terminal.write(Details(peer: peer).rendered(colour: terminal.colour))
        }
        terminal.warn(document)
        if output != nil {
            let configuration = try client.configuration(of: peer, in: id, after: "The peer was added.", terminal)
            try destination.write(configuration, isOnlyTime: dropsPrivateKey, terminal)
        } else if peer["has_private_key"] == .bool(true) {
            let name = peer["id"]?.text ?? ""
            terminal.note("Fetch its configuration: aifw vpn wg-config --tunnel \(id) \(name) -o peer.conf")
        } else {
            terminal.note("Its private key stays with the peer, so its configuration is written there, not here.")
        }
    }

    func body() throws(Failure) -> JSON {
        var body = Body()
        body.add("name", name)
        body.add("public_key", pubkey)
        body.add("endpoint", endpoint)
        body.add("allowed_ips", allowedIps.map { $0 == "auto" ? .text($0) : Body.entries($0) })
        body.add("persistent_keepalive", keepalive)
        body.add("preshared_key", presharedKey)
        if let presharedKeyFile { body.add("preshared_key", try PrivateFile.key(in: presharedKeyFile)) }
        body.add("client_routes", clientRoutes.map { Body.entries($0) })
        body.add("expires_at", expires?.time)
        if dropsPrivateKey { body.add("keep_private_key", JSON.bool(false)) }
        if disabled { body.add("enabled", JSON.bool(false)) }
        return body.json
    }
}
