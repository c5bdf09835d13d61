import Wire

extension APIContext {
    /// Who is named in the log for what this request changes.
    var author: Author {
        let kind: Author.Kind =
            switch caller.kind {
            case .account: .account
            case .token: .token
            case .anyone: .system
            }
        return Author(kind: kind, name: caller.name, origin: remoteAddress?.description ?? "local")
    }
}
