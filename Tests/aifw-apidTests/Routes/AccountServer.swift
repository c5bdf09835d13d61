import Logging
import QR
import Testing
import Wire

@testable import aifw_apid

/// A server with the whole table, over a store of its own whose clock stands still, and without a helper.
struct AccountServer: Sendable {
    let server: LiveServer
    let fixture: StoreFixture

    static let password = "correct horse battery"

    static func with(_ body: @escaping @Sendable (AccountServer) async throws -> Void) async throws {
        let fixture = try StoreFixture()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let plane = ControlPlane(store: fixture.store, helperSocket: fixture.folder + "/none.sock", logger: logger)
        try await LiveServer.with(
            Router.table(Handlers(plane: plane, publicEndpoint: nil)), verifier: fixture.store
        ) { server in
            try await body(AccountServer(server: server, fixture: fixture))
        }
    }

    /// What a browser has after a log-in.
    struct Session: Sendable {
        let cookie: String
        let csrf: String

        /// curl(1)'s options for a request that may change something.
        var headers: [String] { ["-H", "Cookie: \(cookie)", "-H", "X-CSRF-Token: \(csrf)"] }
    }

    // MARK: Requests

    /// As root on the host.
    func local(_ method: String, _ path: String, _ body: String? = nil, _ options: String...) async throws -> Answer {
        try await server.local("/api/v1" + path, Self.arguments(method, body) + options)
    }

    /// From the network.
    func remote(
        _ method: String, _ path: String, _ body: String? = nil, _ options: [String] = []
    ) async throws -> Answer {
        try await server.remote("/api/v1" + path, Self.arguments(method, body) + options)
    }

    private static func arguments(_ method: String, _ body: String?) -> [String] {
        ["-X", method] + (body.map { ["-H", "Content-Type: application/json", "-d", $0] } ?? [])
    }

    // MARK: What most tests begin with

    /// A new user; his id.
    func add(_ name: String = "alice", scopes: String = #"["vpn:read"]"#) async throws -> String {
        let answer = try await local(
            "POST", "/users", #"{"username":"\#(name)","password":"\#(Self.password)","scopes":\#(scopes)}"#)
        #expect(answer.status == 201, "\(answer.body)")
        return try #require(try answer.json["data"]?["id"]?.text)
    }

    /// - Parameter more: further members of the body, such as `,"totp":"123456"`.
    func login(
        _ name: String = "alice", _ password: String = password, _ more: String = "", _ options: String...
    ) async throws -> Answer {
        try await remote("POST", "/auth/login", #"{"username":"\#(name)","password":"\#(password)"\#(more)}"#, options)
    }

    /// Logs in, and must get in.
    func session(_ name: String = "alice", _ more: String = "") async throws -> Session {
        let answer = try await login(name, Self.password, more)
        #expect(answer.status == 200, "\(answer.body)")
        let cookie = try #require(answer.headers["set-cookie"]?.split(separator: ";").first)
        return Session(
            cookie: String(cookie), csrf: try #require(try answer.json["data"]?["csrf_token"]?.text))
    }

    /// A new one-time password of the user, not confirmed yet.
    func enrol(_ id: String) async throws -> OneTimePassword {
        let answer = try await local("POST", "/users/\(id)/totp")
        #expect(answer.status == 201 && answer.headers["cache-control"] == "no-store", "\(answer.body)")
        let user = try ObjectID(id)
        let sealed = try await fixture.store.read { try $0.user(user).oneTimePassword?.sealedSeed }
        let password = try SeedVault(folder: fixture.folder + "/").open(try #require(sealed), for: user)
        let shown = try answer.json["data"]
        #expect(shown?["secret"]?.text == JSONString(password.base32).text)
        let uri = try #require(shown?["otpauth_uri"]?.text)
        #expect(uri.contains("secret=\(JSONString(password.base32).text)&"))
        #expect(shown?["qr_svg"]?.text == JSONString(try QRCode(Bytes(uri.utf8)).svg).text)
        return password
    }

    /// The code that the authenticator shows so many steps from now.
    func code(_ password: OneTimePassword, after steps: Int64 = 0) -> String {
        String(
            decoding: password.code(ofStep: OneTimePassword.step(at: fixture.clock.now) + steps), as: UTF8.self)
    }

    func log(_ limit: Int = 20) async throws -> [AuditEntry] {
        try await fixture.store.read { try $0.log(limit: limit) }
    }
}
