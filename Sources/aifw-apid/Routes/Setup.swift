import HTTPTypes
import HummingbirdCore
import Wire

/// `/api/v1/auth/setup-code` and `…/setup`: the first administrator, by a code that root of this host hands on.
struct Setup: Sendable {
    let store: Store
    let limits: LoginLimits

    /// A code, in the place of the one before. Over the Unix socket only: who could take one elsewhere needs none.
    @Sendable func makeCode(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        guard case .account = context.caller.kind else {
            throw Problem(
                .forbidden, "A set-up code is made on the host itself, over the Unix socket: aifw admin setup-code.")
        }
        let code = SetupCode.random()
        let author = context.author
        let end = try await store.write { transaction in
            guard try !transaction.hasUsers() else { throw Self.done }
            let end = Timestamp(milliseconds: transaction.now.milliseconds + SetupCode.lifetime)
            try transaction.replaceSetupCode(hash: code.hash, expiresAt: end)
            try transaction.log(.create, of: nil, by: author, changes: ["setup_code": ["expires_at": end.json]])
            return end
        }
        return Response.data(["code": code.shown, "expires_at": end.json], status: .created).notStored
    }

    /// `{code, username, password}` → an administrator. A password is hashed only for who has the code.
    @Sendable func run(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        try Authentication.refuseOtherSites(context.request.headers)
        let reader = try await context.body()
        let code = reader.required("code") { (json) throws(ValueError) in
            guard case .string(let text) = json else { throw ValueError("must be a string, not \(json.kind)") }
            return text
        }
        let username = reader.required("username", as: Username.self)
        let password = reader.required("password", parse: Password.init(json:))
        let (text, name, chosen) = try reader.finish(code, username, password)
        let attempt = try limits.attempt(account: nil, address: context.remoteAddress, at: store.now)
        guard let code = SetupCode(json: text), try await store.write({ try Self.take(code, $0) }) else {
            throw Self.refused
        }
        limits.forgive(attempt)
        let hash = try await PasswordHasher(threads: limits.threads).hash(chosen)
        let author = Author(kind: .anyone, name: "set-up code", origin: context.origin)
        let user = try await store.write { transaction in
            // Another one may have been quicker, with this code or the next.
            guard try !transaction.hasUsers() else { throw Self.done }
            guard try transaction.setupCode().map({ BLAKE2b.areEqual($0.hash, code.hash) }) ?? false else {
                throw Self.refused
            }
            try transaction.deleteSetupCode()
            return try transaction.insert(
                UserRecord(id: .random(), name: name, passwordHash: hash, scopes: .admin), by: author)
        }
        return .created(user.json, location: UserRecord.location(user.id), etag: user.etag)
    }

    /// Whether it is the code; a wrong one uses up a try, which is on the disk before it is answered.
    private static func take(_ code: SetupCode, _ transaction: WriteTransaction) throws -> Bool {
        guard try !transaction.hasUsers() else { throw done }
        guard let stored = try transaction.setupCode() else { return false }
        guard BLAKE2b.areEqual(stored.hash, code.hash) else {
            try transaction.countSetupTry()
            return false
        }
        return true
    }

    private static let done = Problem(
        .setupDone, "There is a user already: have an administrator add others, or use aifw user on the host itself.")

    private static let refused = Problem(
        .setupCodeRefused,
        "The set-up code is wrong, older than 15 minutes, or was tried too often. Make another one on the host: "
            + "aifw admin setup-code.")
}
