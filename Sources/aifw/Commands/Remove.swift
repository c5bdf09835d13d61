internal import ArgumentParser
internal import Wire

/// `aifw vpn remove`: a tunnel, a peer or an association; the id says which.
struct Remove: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a tunnel with all its peers, one peer, or an association.",
        discussion: """
            The id says what is meant: a tunnel, a peer of any tunnel, or an association. A name or interface will do if \
            only one of them all has it.
            """)

    /// What one reference may mean.
    private struct Target {
        let path: [String]
        let line: String
    }

    private static let kinds = "tunnel, peer or association"

    @Argument(
        help: ArgumentHelp(
            "The tunnel, peer or association: its id or name, or the tunnel's interface.", valueName: "uuid"))
    var reference: String

    @OptionGroup var common: CommonOptions

    func run(_ client: Client, _ output: Output) throws(Failure) {
        let targets = (try? ObjectID(reference)) == nil ? try named(client) : try identified(client)
        guard let target = targets.first else {
            throw .noMatch(
                kind: Self.kinds, reference: reference,
                hint: """
                    `aifw vpn list` shows tunnels and associations, `aifw vpn wg-peer-list --tunnel <id>` a tunnel's \
                    peers.
                    """)
        }
        guard targets.count == 1 else {
            throw .ambiguous(kind: Self.kinds, reference: reference, candidates: targets.map(\.line))
        }
        try output.show(message: try client.send(Request(.delete, target.path)))
    }

    /// The one that has the id.
    private func identified(_ client: Client) throws(Failure) -> [Target] {
        let id = reference.lowercased()
        let tunnels = try client.list(["vpn", "wg"]).items.compactMap { $0["id"]?.text }
        if tunnels.contains(id) { return [Target(path: ["vpn", "wg", id], line: id)] }
        let paths = [["vpn", "ipsec", id]] + tunnels.map { ["vpn", "wg", $0, "peers", id] }
        for path in paths {
            do throws(Failure) {
                _ = try client.send(Request(.get, path))
                return [Target(path: path, line: id)]
            } catch .refused(let problem) where problem.status == 404 {
                continue
            }
        }
        return []
    }

    /// All that have the name.
    private func named(_ client: Client) throws(Failure) -> [Target] {
        var targets: [Target] = []
        for tunnel in try client.list(["vpn", "wg"]).items {
            guard let id = tunnel["id"]?.text else { continue }
            if tunnel["name"]?.text == reference || tunnel["interface"]?.text == reference {
                targets.append(Target(path: ["vpn", "wg", id], line: Client.candidate(tunnel, "tunnel")))
            }
            for peer in try client.peers(named: reference, in: id) {
                let line = Client.candidate(peer, "peer") + "  of \(tunnel["interface"]?.text ?? id)"
                targets.append(Target(path: ["vpn", "wg", id, "peers", peer["id"]?.text ?? ""], line: line))
            }
        }
        for association in try client.associations(named: reference) {
            guard let id = association["id"]?.text else { continue }
            let line = Client.candidate(association, "association")
            targets.append(Target(path: ["vpn", "ipsec", id], line: line))
        }
        return targets
    }
}
