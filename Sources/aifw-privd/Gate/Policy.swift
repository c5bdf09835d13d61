import Wire

/// What the helper refuses whoever asks and whatever the host has: networks and addresses outside its policy.
///
/// Pure; asked for every request, after its shape is right and before anything is opened or changed. ``Admission`` goes on
/// with what the host has.
struct Policy {
    let networks: NetworkPolicy

    func check(_ request: ApplyTunnel) throws(Refusal) {
        for (index, address) in (request.addresses ?? []).enumerated() {
            try refuse(networks.objection(toAddress: address), field: "addresses[\(index)]")
        }
    }

    /// Allowed IPs are not asked about: they route nothing.
    func check(_ request: ApplyPeers) throws(Refusal) {
        for (index, route) in request.addRoutes.enumerated() {
            try refuse(networks.objection(to: route, as: .routes), field: "add_routes[\(index)]")
        }
        for (index, peer) in request.set.enumerated() {
            guard let endpoint = peer.endpoint else { continue }
            try refuse(NetworkPolicy.objection(toEndpoint: endpoint), field: "set[\(index)].endpoint")
        }
        var keys: Set<PublicKey> = []
        for (index, key) in (request.remove + request.set.map(\.publicKey)).enumerated()
        where !keys.insert(key).inserted {
            let inSet = index - request.remove.count
            throw Refusal(
                .policy, "the same peer twice in one request",
                field: inSet < 0 ? "remove[\(index)]" : "set[\(inSet)].public_key")
        }
    }

    func refuse(_ objection: String?, field: String) throws(Refusal) {
        if let objection { throw Refusal(.policy, objection, field: field) }
    }
}
