import HTTPTypes
import HummingbirdCore

/// What the caller of a stream came with. It is looked at again as long as the stream is open, for a token may be revoked or
/// expire, and a session end.
enum StreamCredential: Sendable {
    /// The kernel let him through to the Unix socket.
    case socket
    /// The hash of a token.
    case token([UInt8])
    /// The hash of a session.
    case session([UInt8])

    /// What the request shows; nil if it shows nothing of the kind that its caller came with.
    init?(_ context: APIContext) {
        let headers = context.request.headers
        switch context.caller.kind {
        case .anyone: return nil
        case .account: self = .socket
        case .token:
            guard let text = headers[.authorization]?.split(separator: " ").last, let token = BearerToken(text) else {
                return nil
            }
            self = .token(token.hash)
        case .user:
            guard let session = SessionSecret(cookieHeader: headers[.cookie]) else { return nil }
            self = .session(session.hash)
        }
    }

    /// Whether it still lets its holder in. A stream is no use of a session: one that nobody uses ends with a page that was
    /// left open.
    func lasts(in store: Store) async throws -> Bool {
        switch self {
        case .socket: true
        case .token(let hash): try await store.token(hash: hash) != nil
        case .session(let hash): try await store.isSession(hash: hash)
        }
    }
}
