internal import ArgumentParser
internal import Wire

/// `aifw vpn ipsec-add`: a new association.
struct IPsecAdd: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "ipsec-add",
        abstract: "Add an IPsec association; its keys and SPIs are made by the server.",
        discussion: """
            aifw vpn ipsec-add --name office --src 203.0.113.1 --dst 198.51.100.1
            aifw vpn ipsec-add --from far-end.json

            What is not given is chosen: ESP in tunnel mode with aes-256-gcm between the two addresses, and no replay \
            window. It is installed when the command returns, unless --disabled is given.
            """)

    static let flags = AssociationOptions.flags.merging(["enabled": "--disabled"]) { first, _ in first }

    @OptionGroup var options: AssociationOptions

    @Flag(help: "Add it, but do not install it yet.")
    var disabled = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard options.from != nil || (options.name != nil && options.src != nil && options.dst != nil) else {
            throw ValidationError("Give --name, --src and --dst, or a file that has them by --from.")
        }
    }

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let file = try options.file()
        let response = try client.send(Request(.post, ["vpn", "ipsec"], body: body(file)))
        let document = try response.json()
        guard !output.json else { return try output.write(document: response.body) }
        let association = document["data"] ?? .null
        let reference = Client.reference(to: association)
        try output.write(Details(association: association).rendered(colour: output.colour))
        output.warn(document)
        if let file, file.hasKeys {
            file.advise(output)
            output.note("See whether packets go both ways: aifw vpn ipsec-status \(reference)")
        } else {
            output.note("Fetch the far end's configuration: aifw vpn ipsec-config \(reference) -o far-end.sh")
        }
        if association["enabled"] == .bool(false) { output.note("Start it: aifw vpn ipsec-start \(reference)") }
    }

    private func body(_ file: AssociationFile?) -> JSON {
        var given = options.fields
        if disabled { given.append(JSON.Member(name: "enabled", value: .bool(false))) }
        return file?.fields(under: given) ?? .object(given)
    }
}
