internal import ArgumentParser
internal import Wire

/// `aifw vpn wg-add`: a new tunnel.
struct WGAdd: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "wg-add",
        abstract: "Add a WireGuard tunnel; its key pair is made by the server.",
        discussion: """
            aifw vpn wg-add --name wg0 --interface wg0 --port 51820 --address 10.0.0.1/24

            The new tunnel is down until `aifw vpn wg-start`, unless --start is given.
            """)

    static let flags = [
        "name": "--name", "interface": "--interface", "listen_port": "--port", "address": "--address", "dns": "--dns",
        "mtu": "--mtu", "endpoint": "--endpoint", "split_routes": "--split-routes",
        "listen_interface": "--listen-interface", "fwmark": "--fwmark", "private_key": "--private-key-file",
        "masquerade": "--masquerade", "enabled": "--start",
    ]

    @Option(help: "What the tunnel is called: 1 to 64 characters, unlike any other tunnel's.")
    var name: String

    @Option(help: "Its interface, wg0 to wg9999 (default: the next free one).")
    var interface: String?

    @Option(help: "The UDP port to listen on (default: the next free one from 51820).")
    var port: Int?

    @Option(help: "The tunnel's own address with its network's prefix length; several with commas between.")
    var address: String

    @Option(help: "DNS servers for the clients, with commas between.")
    var dns: String?

    @Option(help: "The interface's MTU in bytes (default: 1420).")
    var mtu: Int?

    @Option(help: ArgumentHelp("Where clients reach this server.", valueName: "host[:port]"))
    var endpoint: String?

    @Option(help: "Networks that split-tunnel clients send through the tunnel, with commas between.")
    var splitRoutes: String?

    @Option(help: "The interface that the tunnel is reached through.")
    var listenInterface: String?

    @Option(help: "The firewall mark on the tunnel's own packets: a number or 0x….")
    var fwmark: String?

    @Flag(help: "Give what comes out of the tunnel this server's address where it goes on, for full tunnels.")
    var masquerade = false

    @Option(help: ArgumentHelp("A file with the tunnel's private key, as `wg genkey` writes it.", valueName: "path"))
    var privateKeyFile: String?

    @Flag(help: "Start it at once.")
    var start = false

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let response = try client.send(Request(.post, ["vpn", "wg"], body: try body()))
        let document = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        let tunnel = document["data"] ?? .null
        let interface = tunnel["interface"]?.text ?? ""
        try output.write(Details(tunnel: tunnel).rendered(colour: output.colour))
        output.warn(document)
        output.note("Add a peer: aifw vpn wg-peer-add --tunnel \(interface) --name laptop")
        if !start { output.note("Start it: aifw vpn wg-start \(interface)") }
    }

    func body() throws(Failure) -> JSON {
        var body = Body()
        body.add("name", name)
        body.add("interface", interface)
        body.add("listen_port", port)
        body.add("address", address)
        body.add("dns", dns)
        body.add("mtu", mtu)
        body.add("endpoint", endpoint)
        body.add("split_routes", splitRoutes)
        body.add("listen_interface", listenInterface)
        body.add("fwmark", fwmark.map(Body.number))
        if let privateKeyFile { body.add("private_key", try PrivateFile.key(in: privateKeyFile)) }
        if masquerade { body.add("masquerade", JSON.bool(true)) }
        if start { body.add("enabled", JSON.bool(true)) }
        return body.json
    }
}
