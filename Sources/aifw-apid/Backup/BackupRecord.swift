import Wire

/// One record of a backup: an object with one member, whose name says what it is.
///
/// A further kind of object is a case here, an entry of its own, and what the compiler then asks for.
enum BackupRecord: Sendable {
    case summary(BackupSummary)
    case tunnel(TunnelEntry)
    case peer(PeerEntry)
    case association(AssociationEntry)
    case token(TokenEntry)
    case user(UserEntry)
    case webhook(WebhookEntry)

    /// What objects a backup holds, in the order in which they are written.
    enum Kind: String, Sendable, CaseIterable {
        case tunnel, peer, association, token, user, webhook

        /// As answers name them.
        var plural: String { rawValue + "s" }
    }

    private static let summaryName = "summary"

    init(json: JSON) throws(Refusal) {
        guard case .object(let members) = json, let member = members.first, members.count == 1 else {
            throw Refusal(.malformed, "must be an object with one member")
        }
        let (name, value) = (member.name, member.value)
        guard name != Self.summaryName else {
            self = .summary(try BackupSummary(json: value, path: name))
            return
        }
        switch Kind(rawValue: name) {
        case .tunnel: self = .tunnel(try TunnelEntry(json: value, path: name))
        case .peer: self = .peer(try PeerEntry(json: value, path: name))
        case .association: self = .association(try AssociationEntry(json: value, path: name))
        case .token: self = .token(try TokenEntry(json: value, path: name))
        case .user: self = .user(try UserEntry(json: value, path: name))
        case .webhook: self = .webhook(try WebhookEntry(json: value, path: name))
        case nil: throw Refusal(.malformed, "no such kind of record: \(name.quoted)")
        }
    }

    var json: JSON {
        switch self {
        case .summary(let entry): Self.json(Self.summaryName, entry)
        case .tunnel(let entry): Self.json(Kind.tunnel.rawValue, entry)
        case .peer(let entry): Self.json(Kind.peer.rawValue, entry)
        case .association(let entry): Self.json(Kind.association.rawValue, entry)
        case .token(let entry): Self.json(Kind.token.rawValue, entry)
        case .user(let entry): Self.json(Kind.user.rawValue, entry)
        case .webhook(let entry): Self.json(Kind.webhook.rawValue, entry)
        }
    }

    private static func json(_ name: String, _ entry: some Message) -> JSON {
        .object([.init(name: name, value: entry.json)])
    }
}
