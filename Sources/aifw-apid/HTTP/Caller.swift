import Wire

/// Who sent a request, as the socket, the token or the session says; never as the request itself says.
struct Caller: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// Nobody asked: a route that is open to all.
        case anyone
        /// A process on this host that reached the Unix socket; its user id (SO_PEERCRED).
        case account(uid: UInt32)
        /// The holder of a token.
        case token(ObjectID)
        /// A user who is logged in.
        case user(ObjectID)
    }

    let kind: Kind
    /// What names the caller in the log and in the audit: `uid 1000`, or the token's or the user's name.
    let name: String
    let scopes: Scopes
    /// Of a user, when the session ends at the latest.
    var sessionEnd: Timestamp?

    static let anyone = Caller(kind: .anyone, name: "-", scopes: [])

    /// A process that the kernel let through to the Unix socket (mode 0660): an administrator.
    static func local(_ peer: PeerCredentials) -> Caller {
        Caller(kind: .account(uid: peer.uid), name: "uid \(peer.uid)", scopes: .admin)
    }
}
