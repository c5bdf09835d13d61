internal import ArgumentParser
internal import Wire

/// `aifw vpn list`: everything there is.
struct List: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the VPN's tunnels with their ids and states.")

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        try WGList.show(try client.list(["vpn", "wg"]), output)
    }
}
