import Wire

extension APIContext {
    /// Who is named in the log for what this request changes.
    var author: Author {
        let kind: Author.Kind =
            switch caller.kind {
            case .account: .account
            case .token: .token
            case .user: .user
            case .anyone: .anyone
            }
        return Author(kind: kind, name: caller.name, origin: origin)
    }

    /// Where the request came from, for the log: an address, or this host.
    var origin: String { remoteAddress?.description ?? "local" }
}
