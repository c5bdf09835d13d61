import Wire

/// One line of the log of changes: its revision is the next number of one counter, written in the change's transaction.
struct AuditEntry: Sendable, Equatable {
    let revision: Int64
    let time: Timestamp
    let author: Author
    let action: AuditAction
    /// Nil for what is about no object, such as a log-in that failed.
    let object: AuditObject?
    /// What was changed, in the API's own terms, without secrets.
    let changes: JSON?
}

/// What was done; the words of the audit record.
enum AuditAction: String, Sendable, CaseIterable {
    case create, update, delete, start, stop, rotate, reveal, login, backup, restore
    case loginFailed = "login_failed"
    case importing = "import"

    /// What event streams and webhooks tell of.
    static let changes: [AuditAction] = allCases.filter(\.isChange)

    /// Whether it changes what should be: a log-in, a reveal and a backup do not, and are in the log only.
    var isChange: Bool {
        switch self {
        case .create, .update, .delete, .start, .stop, .rotate, .importing, .restore: true
        case .reveal, .login, .loginFailed, .backup: false
        }
    }
}

/// What it was done to, named as it was called then.
struct AuditObject: Sendable, Hashable {
    enum Kind: String, Sendable, CaseIterable {
        case tunnel, peer, association, token, user, webhook
    }

    let kind: Kind
    let id: ObjectID
    let name: ObjectName
}

/// Who did it, and from where.
struct Author: Sendable, Hashable {
    enum Kind: String, Sendable, CaseIterable {
        /// An account of this host, over the Unix socket.
        case account
        /// The holder of a bearer token.
        case token
        /// A user, by a session or at the log-in.
        case user
        /// Who has not shown who he is, such as one whose log-in failed; the name is what he said.
        case anyone
        /// The daemon itself.
        case system
    }

    let kind: Kind
    /// `uid 1000`, or the token's or the user's name.
    let name: String
    /// The address the request came from, or the socket.
    let origin: String

    /// What the daemon does by itself.
    static let system = Author(kind: .system, name: "aifw-apid", origin: "local")
}
