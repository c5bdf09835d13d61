import HTTPTypes

/// Finds out who a token or a session belongs to.
protocol TokenVerifier: Sendable {
    /// The caller whose token has this BLAKE2b-256 hash; nil if there is none, or if it has expired.
    func verify(tokenHash: [UInt8]) async throws -> Caller?

    /// The user whose session has this hash (``SessionSecret/hash``); nil if there is none, or if it has ended.
    func verify(sessionHash: [UInt8]) async throws -> Caller?
}

/// Who is asking: the account behind the Unix socket, the holder of a bearer token (RFC 6750), or a user by the cookie of a
/// session. The first of these that is there decides.
struct Authentication: Sendable {
    let verifier: any TokenVerifier

    /// The caller of a request on a connection whose peer is `peer` (nil on TCP).
    ///
    /// Over the Unix socket no token is needed: the kernel admits only whom the socket's mode lets through. A browser sends
    /// its cookie with whatever request a page makes, so one that may change something has to show that it is from a page
    /// of ours.
    func caller(_ method: HTTPRequest.Method, headers: HTTPFields, peer: PeerCredentials?) async throws -> Caller {
        if let peer { return .local(peer) }
        if let authorization = headers[.authorization] { return try await holder(of: authorization) }
        guard let cookie = headers[.cookie], let session = SessionSecret(cookieHeader: cookie) else {
            throw Self.unauthenticated(
                "The request has neither token nor session; send a token as \"Authorization: Bearer aifw_…\".")
        }
        guard let caller = try await verifier.verify(sessionHash: session.hash) else {
            throw Self.unauthenticated("The session has ended; log in again.")
        }
        guard Self.isSafe(method) || headers[.csrfToken].map(session.isCSRFToken) ?? false else {
            throw Problem(
                .csrf,
                "With a session, a request that may change something needs the header X-CSRF-Token, with the csrf_token of the "
                    + "log-in or of GET /api/v1/auth/session.")
        }
        return caller
    }

    private func holder(of authorization: String) async throws -> Caller {
        let parts = authorization.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
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

    /// Whether a method changes nothing (RFC 9110, section 9.2.1).
    private static func isSafe(_ method: HTTPRequest.Method) -> Bool {
        method == .get || method == .head || method == .options
    }

    /// 403 that names what is missing.
    static func forbidden(_ scopes: Scopes) -> Problem {
        Problem(.forbidden, "This needs the scope \(scopes.names.joined(separator: " and ")), which the caller lacks.")
    }

    /// 403 unless a browser says that no page of another site has it send this (Fetch Metadata, `Sec-Fetch-Site`); what is
    /// no browser says nothing. For what needs no session, and so has no token against it.
    static func refuseOtherSites(_ headers: HTTPFields) throws(Problem) {
        guard let site = headers[.fetchSite], site != "same-origin", site != "none" else { return }
        throw Problem(.csrf, "The browser says that a page of another site has sent this.")
    }

    private static func unauthenticated(_ detail: String, error: String? = nil) -> Problem {
        let challenge = Self.challenge + (error.map { ", error=\"\($0)\"" } ?? "")
        return Problem(.unauthenticated, detail, headers: [.wwwAuthenticate: challenge])
    }

    /// What every 401 has to have (RFC 9110, section 15.5.2).
    static let challenge = "Bearer realm=\"aifw\""
}

extension HTTPField.Name {
    static let csrfToken = HTTPField.Name("X-CSRF-Token")!
    static let fetchSite = HTTPField.Name("Sec-Fetch-Site")!
}
