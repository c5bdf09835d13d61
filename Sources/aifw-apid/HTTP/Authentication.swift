import HTTPTypes

/// Finds out who a token belongs to.
protocol TokenVerifier: Sendable {
    /// The caller whose token has this BLAKE2b-256 hash; nil if there is none, or if it has expired.
    func verify(tokenHash: [UInt8]) async throws -> Caller?
}

/// Who is asking: the account behind the Unix socket, or the holder of a bearer token (RFC 6750).
struct Authentication: Sendable {
    let verifier: any TokenVerifier

    /// The caller of a request on a connection whose peer is `peer` (nil on TCP).
    ///
    /// Over the Unix socket no token is needed: the kernel admits only whom the socket's mode lets through.
    func caller(headers: HTTPFields, peer: PeerCredentials?) async throws -> Caller {
        if let peer { return .local(peer) }
        guard let value = headers[.authorization] else {
            throw Self.unauthenticated("The request has no token; send it as \"Authorization: Bearer aifw_…\".")
        }
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Self.unauthenticated("The Authorization header is not \"Bearer\" and a token.")
        }
        guard let token = BearerToken(parts[1].drop { $0 == " " }),
            let caller = try await verifier.verify(tokenHash: token.hash)
        else {
            throw Self.unauthenticated("The token is not known here, or it has expired.", error: "invalid_token")
        }
        return caller
    }

    /// 403 that names what is missing.
    static func forbidden(_ scopes: Scopes) -> Problem {
        Problem(.forbidden, "This needs the scope \(scopes.names.joined(separator: " and ")), which the caller lacks.")
    }

    private static func unauthenticated(_ detail: String, error: String? = nil) -> Problem {
        let challenge = "Bearer realm=\"aifw\"" + (error.map { ", error=\"\($0)\"" } ?? "")
        return Problem(.unauthenticated, detail, headers: [.wwwAuthenticate: challenge])
    }
}
