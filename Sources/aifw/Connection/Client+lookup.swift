internal import Wire

/// Which peer of which tunnel.
struct PeerLocation {
    let tunnel: String
    let peer: String
}

extension Client {
    /// The id of the tunnel that `reference` means: a UUID as it is, else a name or interface that one tunnel has.
    func tunnelID(_ reference: String) throws(Failure) -> String {
        if let id = try? ObjectID(reference) { return id.description }
        let found = try tunnels(named: reference)
        let hint = "`aifw vpn wg-list` shows the tunnels."
        return try only(found, "tunnel", reference, hint: hint)["id"]?.text ?? reference
    }

    /// The id of the tunnel's peer that `reference` means: a UUID as it is, else a name that one peer has.
    func peerID(_ reference: String, in tunnel: String) throws(Failure) -> String {
        if let id = try? ObjectID(reference) { return id.description }
        let hint = "`aifw vpn wg-peer-list --tunnel \(tunnel)` shows the tunnel's peers."
        return try only(try peers(named: reference, in: tunnel), "peer", reference, hint: hint)["id"]?.text ?? reference
    }

    /// The id of the association that `reference` means: a UUID as it is, else a name that one association has.
    func associationID(_ reference: String) throws(Failure) -> String {
        if let id = try? ObjectID(reference) { return id.description }
        let found = try associations(named: reference)
        let hint = "`aifw vpn ipsec-list` shows the associations."
        return try only(found, "association", reference, hint: hint)["id"]?.text ?? reference
    }

    /// The id of the token that `reference` means: a UUID as it is, else a name that one token has.
    func tokenID(_ reference: String) throws(Failure) -> String {
        if let id = try? ObjectID(reference) { return id.description }
        let found = try list(["tokens"]).items.filter { $0["name"]?.text == reference }
        return try only(found, "token", reference, hint: "`aifw token list` shows the tokens.")["id"]?.text ?? reference
    }

    /// The id of the user that `reference` means: a UUID as it is, else the name, in upper or lower case.
    func userID(_ reference: String) throws(Failure) -> String {
        if let id = try? ObjectID(reference) { return id.description }
        let found = try list(["users"], query: [(name: "q", value: reference)]).items
            .filter { $0["username"]?.text?.lowercased() == reference.lowercased() }
        return try only(found, "user", reference, hint: "`aifw user list` shows the users.")["id"]?.text ?? reference
    }

    /// The id of the webhook that `reference` means: a UUID as it is, else a name that one webhook has.
    func webhookID(_ reference: String) throws(Failure) -> String {
        if let id = try? ObjectID(reference) { return id.description }
        let found = try list(["webhooks"]).items.filter { $0["name"]?.text == reference }
        let hint = "`aifw webhook list` shows the webhooks."
        return try only(found, "webhook", reference, hint: hint)["id"]?.text ?? reference
    }

    /// The tunnels with that name or interface.
    func tunnels(named name: String) throws(Failure) -> [JSON] {
        try list(["vpn", "wg"]).items.filter { $0["name"]?.text == name || $0["interface"]?.text == name }
    }

    /// The tunnel's peers with that name: one at most, but a name may be another's part, so the API's search is sifted.
    func peers(named name: String, in tunnel: String) throws(Failure) -> [JSON] {
        try list(["vpn", "wg", tunnel, "peers"], query: [(name: "q", value: name)]).items
            .filter { $0["name"]?.text == name }
    }

    /// The associations with that name: one at most, but a name may be another's part, so the API's search is sifted.
    func associations(named name: String) throws(Failure) -> [JSON] {
        try list(["vpn", "ipsec"], query: [(name: "q", value: name)]).items.filter { $0["name"]?.text == name }
    }

    private func only(
        _ found: [JSON], _ kind: String, _ reference: String, hint: String
    ) throws(Failure) -> JSON {
        guard let first = found.first else { throw .noMatch(kind: kind, reference: reference, hint: hint) }
        guard found.count == 1 else {
            throw .ambiguous(kind: kind, reference: reference, candidates: found.map { Self.candidate($0, kind) })
        }
        return first
    }

    /// A line that tells an object from others: kind, id, name, interface.
    static func candidate(_ object: JSON, _ kind: String) -> String {
        ([kind] + ["id", "name", "username", "interface"].compactMap { object[$0]?.text }).joined(separator: "  ")
    }

    /// How to name an object in a command that is shown to be copied: its name if that is one word, else its id.
    static func reference(to object: JSON) -> String {
        let id = object["id"]?.text ?? ""
        guard let name = object["name"]?.text, !name.isEmpty, !name.hasPrefix("-") else { return id }
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isPlain ? name : id
    }
}
