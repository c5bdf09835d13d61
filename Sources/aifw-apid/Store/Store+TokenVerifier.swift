extension Store: TokenVerifier {
    func verify(tokenHash: [UInt8]) async throws -> Caller? {
        guard let token = try await token(hash: tokenHash) else { return nil }
        return Caller(kind: .token(token.id), name: token.name.description, scopes: token.scopes)
    }
}
