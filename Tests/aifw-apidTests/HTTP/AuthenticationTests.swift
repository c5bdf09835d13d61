import HTTPTypes
import Testing
import Wire

@testable import aifw_apid

@Suite struct AuthenticationTests {
    @Test func `a new token is 256 random bits behind its prefix`() throws {
        let token = BearerToken.random()
        #expect(token.secret.hasPrefix("aifw_"))
        #expect(token.secret.utf8.count == 48)
        #expect(try #require(BearerToken(token.secret[...])).hash == token.hash)
        #expect(BearerToken.random().secret != token.secret)
        #expect("\(token)" == "(token)")
    }

    @Test func `the hash is BLAKE2b-256 of the text`() throws {
        let token = try #require(BearerToken("aifw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))
        #expect(
            token.hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                == "3be24f996a9fa300b5ae020e5611bd69997d7d54ab05104034a51f19aaa2f19e")
    }

    @Test(arguments: [
        "", "aifw_", "aifw_AAAA", "xifw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "aifw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+", "aifw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ])
    func `what is no token is not looked up`(text: String) {
        #expect(BearerToken(text[...]) == nil)
    }

    @Test(
        arguments: [
            (Scopes.vpnRead, Scopes.vpnRead, true), (.vpnWrite, .vpnRead, true), (.vpnSecrets, .vpnRead, true),
            (.vpnRead, .vpnWrite, false), (.vpnWrite, .vpnSecrets, false), (.vpnSecrets, .vpnWrite, false),
            (.vpnWrite, [.vpnWrite, .vpnSecrets], false), ([.vpnWrite, .vpnSecrets], [.vpnWrite, .vpnSecrets], true),
            (.admin, [.vpnRead, .vpnWrite, .vpnSecrets, .admin], true), ([.vpnWrite, .vpnSecrets], .admin, false),
            ([], .vpnRead, false),
        ] as [(Scopes, Scopes, Bool)])
    func `scopes imply what the contract says`(granted: Scopes, needed: Scopes, allowed: Bool) {
        #expect(granted.allow(needed) == allowed)
    }

    @Test func `scopes have their names`() {
        #expect(Scopes.named.map(\.name) == ["vpn:read", "vpn:write", "vpn:secrets", "admin"])
        #expect(Scopes(name: "vpn:write") == .vpnWrite)
        #expect(Scopes(name: "root") == nil)
        #expect(Scopes([.admin, .vpnRead]).names == ["vpn:read", "admin"])
    }

    @Test(arguments: ["Bearer", "Basic YTpi", "bearer  ", "Bearer aifw_x", "aifw_x"])
    func `a bad Authorization header is a 401 with a challenge`(value: String) async throws {
        let authentication = Authentication(verifier: KnownTokens())
        let problem = try await #require(throws: Problem.self) {
            try await authentication.caller(.get, headers: [.authorization: value], peer: nil)
        }
        #expect(problem.code == .unauthenticated)
        #expect(problem.headers[.wwwAuthenticate]?.hasPrefix("Bearer realm=\"aifw\"") == true)
    }

    @Test func `the holder of a token is its caller, whatever the case of the scheme`() async throws {
        let (tokens, token) = KnownTokens.one(.vpnRead)
        let caller = try await Authentication(verifier: tokens)
            .caller(.get, headers: [.authorization: "bearer \(token)"], peer: nil)
        #expect(caller.scopes == .vpnRead)
    }

    @Test func `whoever the Unix socket lets in is an administrator named by uid`() async throws {
        let peer = PeerCredentials(pid: 1, uid: 4711, gid: 1)
        let caller = try await Authentication(verifier: KnownTokens()).caller(.get, headers: [:], peer: peer)
        #expect(caller == Caller(kind: .account(uid: 4711), name: "uid 4711", scopes: .admin))
    }

    // MARK: Sessions

    private static let user = Caller(kind: .user(.random()), name: "alice", scopes: .vpnWrite)

    @Test func `a session's cookie is enough to read, and needs its token to change anything`() async throws {
        let session = SessionSecret.random()
        let authentication = Authentication(verifier: KnownTokens(sessions: [session.hash: Self.user]))
        let cookie = try #require(session.cookie(seconds: 60).split(separator: ";").first)
        let headers: HTTPFields = [.cookie: "theme=dark; \(cookie)"]
        for method in [HTTPRequest.Method.get, .head] {
            #expect(try await authentication.caller(method, headers: headers, peer: nil) == Self.user)
        }
        for method in [HTTPRequest.Method.post, .put, .patch, .delete] {
            for token in [nil, "", "x", SessionSecret.random().csrfToken] {
                var headers = headers
                headers[.csrfToken] = token
                let problem = try await #require(throws: Problem.self) {
                    try await authentication.caller(method, headers: headers, peer: nil)
                }
                #expect(problem.code == .csrf)
            }
            var headers = headers
            headers[.csrfToken] = session.csrfToken
            #expect(try await authentication.caller(method, headers: headers, peer: nil) == Self.user)
        }
    }

    @Test func `a bearer token beats a cookie, and needs no other token`() async throws {
        let session = SessionSecret.random()
        var (tokens, token) = KnownTokens.one(.vpnRead)
        tokens.sessions = [session.hash: Self.user]
        let authentication = Authentication(verifier: tokens)
        let headers: HTTPFields = [.cookie: session.cookie(seconds: 60), .authorization: "Bearer \(token)"]
        #expect(try await authentication.caller(.post, headers: headers, peer: nil).name == "laptop")
        // A wrong one is not passed over for the sake of the cookie.
        let problem = try await #require(throws: Problem.self) {
            try await authentication.caller(
                .get, headers: [.cookie: session.cookie(seconds: 60), .authorization: "Bearer x"], peer: nil)
        }
        #expect(problem.code == .unauthenticated)
    }

    @Test(arguments: ["", "__Host-aifw=", "__Host-aifw=x", "aifw=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "; ;=;"])
    func `what is no session's cookie is nobody`(cookie: String) async throws {
        let problem = try await #require(throws: Problem.self) {
            try await Authentication(verifier: KnownTokens()).caller(.get, headers: [.cookie: cookie], peer: nil)
        }
        #expect(problem.code == .unauthenticated)
    }
}

/// Tokens that are known by their hashes.
struct KnownTokens: TokenVerifier {
    var callers: [[UInt8]: Caller] = [:]
    var sessions: [[UInt8]: Caller] = [:]

    func verify(tokenHash: [UInt8]) async throws -> Caller? { callers[tokenHash] }

    func verify(sessionHash: [UInt8]) async throws -> Caller? { sessions[sessionHash] }

    /// One token with these scopes, and its text.
    static func one(_ scopes: Scopes) -> (KnownTokens, String) {
        let token = BearerToken.random()
        let caller = Caller(kind: .token(.random()), name: "laptop", scopes: scopes)
        return (KnownTokens(callers: [token.hash: caller]), token.secret)
    }
}
