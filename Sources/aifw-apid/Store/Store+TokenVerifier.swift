extension Store: TokenVerifier {
    func verify(tokenHash: [UInt8]) async throws -> Caller? {
        guard let token = try await token(hash: tokenHash) else { return nil }
        return Caller(kind: .token(token.id), name: token.name.description, scopes: token.scopes)
    }

    func verify(sessionHash: [UInt8]) async throws -> Caller? {
        guard let session = try await session(hash: sessionHash) else { return nil }
        return Caller(
            kind: .user(session.user), name: session.name.description, scopes: session.scopes, sessionEnd: session.end)
    }
}
