internal import ArgumentParser
internal import Wire

/// `aifw vpn remove`: a tunnel or a peer; the id says which.
struct Remove: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a tunnel with all its peers, or one peer.",
        discussion: """
            The id says what is meant: a tunnel, or a peer of any tunnel. A name or interface will do if only one tunnel \
            or peer has it.
            """)

    /// What one reference may mean.
    private struct Target {
        let path: [String]
        let line: String
    }

    @Argument(help: ArgumentHelp("The tunnel or peer: its id or name, or the tunnel's interface.", valueName: "uuid"))
    var reference: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let tunnels = try client.list(["vpn", "wg"]).items
        let targets = (try? ObjectID(reference)) == nil ? try named(tunnels, client) : try identified(tunnels, client)
        guard let target = targets.first else {
            throw .noMatch(
                kind: "tunnel or peer", reference: reference,
                hint: "`aifw vpn list` shows the tunnels, `aifw vpn wg-peer-list --tunnel <id>` a tunnel's peers.")
        }
        guard targets.count == 1 else {
            throw .ambiguous(kind: "tunnel or peer", reference: reference, candidates: targets.map(\.line))
        }
        try output.show(message: try client.send(Request(.delete, target.path)))
    }

    private func identified(_ tunnels: [JSON], _ client: Client) throws(Failure) -> [Target] {
        let id = reference.lowercased()
        if tunnels.contains(where: { $0["id"]?.text == id }) { return [Target(path: ["vpn", "wg", id], line: id)] }
        for tunnel in tunnels.compactMap({ $0["id"]?.text }) {
            let path = ["vpn", "wg", tunnel, "peers", id]
            do throws(Failure) {
                _ = try client.send(Request(.get, path))
                return [Target(path: path, line: id)]
            } catch .refused(let problem) where problem.status == 404 {
                continue
            }
        }
        return []
    }

    private func named(_ tunnels: [JSON], _ client: Client) throws(Failure) -> [Target] {
        var targets: [Target] = []
        for tunnel in tunnels {
            guard let id = tunnel["id"]?.text else { continue }
            if tunnel["name"]?.text == reference || tunnel["interface"]?.text == reference {
                targets.append(Target(path: ["vpn", "wg", id], line: Client.candidate(tunnel, "tunnel")))
            }
            for peer in try client.peers(named: reference, in: id) {
                let line = Client.candidate(peer, "peer") + "  of \(tunnel["interface"]?.text ?? id)"
                targets.append(Target(path: ["vpn", "wg", id, "peers", peer["id"]?.text ?? ""], line: line))
            }
        }
        return targets
    }
}
