internal import ArgumentParser
internal import Wire

/// What an association is made of, as `ipsec-add` and `ipsec-edit` take it.
struct AssociationOptions: ParsableArguments {
    @Option(help: "What the association is called: 1 to 64 characters, unlike any other's.")
    var name: String?

    @Option(help: ArgumentHelp("This gateway's address, IPv4 or IPv6.", valueName: "address"))
    var src: String?

    @Option(help: ArgumentHelp("The far end's address.", valueName: "address"))
    var dst: String?

    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp("What protects packets: esp, ah or esp+ah.", valueName: "protocol"))
    var securityProtocol: String?

    @Option(help: "tunnel, between networks, or transport, between the two addresses.")
    var mode: String?

    @Option(
        help: ArgumentHelp(
            "How ESP encrypts: aes-256-gcm, aes-128-gcm, chacha20-poly1305 or aes-256-cbc.", valueName: "algorithm"))
    var encAlgo: String?

    @Option(
        help: ArgumentHelp(
            "How AH authenticates, and ESP with aes-256-cbc: hmac-sha256, hmac-sha384 or hmac-sha512.",
            valueName: "algorithm"))
    var authAlgo: String?

    @Option(
        help: ArgumentHelp("The networks on this side, in tunnel mode, with commas between.", valueName: "networks"))
    var srcNetworks: String?

    @Option(help: ArgumentHelp("The networks behind the far end, likewise.", valueName: "networks"))
    var dstNetworks: String?

    @Option(help: ArgumentHelp("The SPI of what comes in: a number from 256 or 0x….", valueName: "spi"))
    var spiIn: String?

    @Option(help: ArgumentHelp("The SPI of what goes out, which is the far end's choice.", valueName: "spi"))
    var spiOut: String?

    @Option(
        help: ArgumentHelp(
            "How many packets to remember to find repeated ones: 0 to 32. 0 is none, and lets an end begin anew.",
            valueName: "packets"))
    var replayWindow: Int?

    @Option(
        help: ArgumentHelp(
            """
            A JSON file with keys and whatever else is not given here, as the far end's `aifw vpn ipsec-config \
            --format json` writes it; - is standard input.
            """, valueName: "file"))
    var from: String?

    /// Which option each field of the request's body is given by.
    static let flags = [
        "name": "--name", "src_addr": "--src", "local_addr": "--src", "dst_addr": "--dst", "remote_addr": "--dst",
        "protocol": "--protocol", "mode": "--mode", "enc_algo": "--enc-algo", "auth_algo": "--auth-algo",
        "src_networks": "--src-networks", "dst_networks": "--dst-networks", "spi_in": "--spi-in",
        "spi_out": "--spi-out", "replay_window": "--replay-window", "enc_key_in": "--from, enc_key_in",
        "enc_key_out": "--from, enc_key_out", "auth_key_in": "--from, auth_key_in",
        "auth_key_out": "--from, auth_key_out",
    ]

    /// What is given, but for what is in the file; an empty list of networks is null, which is the two addresses.
    var fields: [JSON.Member] {
        var body = Body()
        body.add("name", name)
        body.add("src_addr", src)
        body.add("dst_addr", dst)
        body.add("protocol", securityProtocol)
        body.add("mode", mode)
        body.add("enc_algo", encAlgo)
        body.add("auth_algo", authAlgo)
        body.add("src_networks", srcNetworks.map { $0.isEmpty ? .null : Body.entries($0) })
        body.add("dst_networks", dstNetworks.map { $0.isEmpty ? .null : Body.entries($0) })
        body.add("spi_in", spiIn.map(Body.number))
        body.add("spi_out", spiOut.map(Body.number))
        body.add("replay_window", replayWindow)
        return body.members
    }

    /// The file of `--from`, if there is one.
    func file() throws(Failure) -> AssociationFile? {
        guard let from else { return nil }
        return try AssociationFile(from)
    }
}
