import HTTPTypes
import HummingbirdCore
import Wire

/// `/api/v1/auth/login`, `…/logout`, `…/session`: a browser's way in, and out.
struct Logins: Sendable {
    let store: Store
    let limits: LoginLimits
    let seeds: SeedVault

    /// What somebody says who wants to log in. A name that can't be any user's is not told apart from one that is none's.
    private struct Claim: Sendable {
        let name: Username?
        let password: Password
        let code: OneTimeCode?

        init(_ reader: BodyReader) throws {
            let name = reader.required("username") { (json) throws(ValueError) in
                guard let text = json.text else { throw ValueError("must be a string, not \(json.kind)") }
                return text
            }
            let password = reader.required("password", parse: Password.init(attempt:))
            code = reader.optional("totp", parse: OneTimeCode.init(json:)).value
            let (given, attempt) = try reader.finish(name, password)
            self.name = try? Username(given)
            self.password = attempt
        }
    }

    /// Why nobody was let in; the words of the log.
    private enum Fault: String, Error {
        case user = "unknown user"
        case password = "wrong password"
        case code = "wrong one-time password"
    }

    // MARK: In

    /// `{username, password, totp?}` → the session's cookie, and what a page needs to know of it.
    ///
    /// Whether there is such a user can be told neither from the answer nor from how long it takes.
    @Sendable func login(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        try Authentication.refuseOtherSites(context.request.headers)
        let reader = try await context.body()
        let claim = try Claim(reader)
        let attempt = try limits.attempt(account: claim.name?.key, address: context.remoteAddress, at: store.now)
        let secret = SessionSecret.random()
        do {
            let user = try await letIn(claim, by: secret, from: context.origin)
            limits.forgive(attempt)
            return answer(user, secret)
        } catch let fault as Fault {
            limits.meter.refused()
            try await log(fault, claim, from: context.origin)
            throw Problem(
                .loginFailed, "The name, the password or the one-time password is wrong.",
                headers: [.wwwAuthenticate: Authentication.challenge])
        } catch {
            // Nothing was found wrong: he was not judged, or has more to say.
            limits.forgive(attempt)
            throw error
        }
    }

    private func letIn(_ claim: Claim, by secret: SessionSecret, from origin: String) async throws -> UserRecord {
        let known = try await store.read { transaction in try claim.name.flatMap { try transaction.user(named: $0) } }
        let hash = known?.passwordHash ?? .ofNobody
        let isRight = try await PasswordHasher(threads: limits.threads).matches(claim.password, hash)
        guard let user = known else { throw Fault.user }
        guard isRight else { throw Fault.password }
        let steps = try steps(of: claim, user)
        return try await store.write { transaction in
            // He may have become another one while the password was checked.
            let user = try transaction.user(user.id)
            guard user.passwordHash == hash else { throw Fault.password }
            var step: Int64?
            if let last = user.oneTimePassword?.lastStep, user.hasOneTimePassword {
                step = steps.first { $0 > last }
                guard step != nil else { throw Fault.code }
            }
            let author = Author(kind: .user, name: user.name.description, origin: origin)
            try transaction.logIn(user, session: secret.hash, step: step, by: author)
            return user
        }
    }

    /// The steps whose one-time password was given; none for a user who needs none.
    private func steps(of claim: Claim, _ user: UserRecord) throws -> [Int64] {
        guard user.hasOneTimePassword, let seed = user.oneTimePassword?.sealedSeed else { return [] }
        guard let code = claim.code else {
            throw Problem(
                .oneTimePasswordNeeded, "The password is right; send the authenticator's code with it, as totp.",
                headers: [.wwwAuthenticate: Authentication.challenge])
        }
        return try seeds.open(seed, for: user.id).steps(of: code, at: store.now)
    }

    private func answer(_ user: UserRecord, _ secret: SessionSecret) -> Response {
        let end = Timestamp(milliseconds: store.now.milliseconds + SessionRecord.lifetime)
        var response = Response.data([
            "username": user.name.json,
            "scopes": user.scopes.json,
            "csrf_token": .text(secret.csrfToken),
            "expires_at": end.json,
        ]).notStored
        response.headers[.setCookie] = secret.cookie(seconds: SessionRecord.lifetime / 1000)
        return response
    }

    /// A failed log-in is in the log before it is answered, unless there were too many lately. What was given as a name is
    /// repeated there only if it could be one: people type passwords into the wrong field.
    private func log(_ fault: Fault, _ claim: Claim, from origin: String) async throws {
        guard let passedOver = limits.takeFromLog(at: store.now) else { return }
        let author = Author(kind: .anyone, name: claim.name?.description ?? "-", origin: origin)
        var changes: [JSON.Member] = [.init(name: "reason", value: .text(fault.rawValue))]
        if passedOver > 0 { changes.append(.init(name: "not_logged_before", value: .integer(Int64(passedOver)))) }
        let line = JSON.object(changes)
        try await store.write { transaction in
            let user = try claim.name.flatMap { try transaction.user(named: $0) }
            try transaction.log(.loginFailed, of: user?.object, by: author, changes: line)
        }
    }

    // MARK: Out

    @Sendable func logout(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        guard case .user = context.caller.kind, let session = context.session else {
            throw Problem(.conflict, "The request came with no session, so there is none to end.")
        }
        try await store.write { try $0.endSession(session.hash) }
        var response = Response.message("Logged out").notStored
        response.headers[.setCookie] = SessionSecret.noCookie
        return response
    }

    /// Who is asking; for a page that was loaded anew, its token against other sites' requests.
    @Sendable func session(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let caller = context.caller
        let kind: String
        switch caller.kind {
        case .user: kind = "user"
        case .token: kind = "token"
        case .account: kind = "account"
        case .anyone: throw Problem(.internalError, "Nobody is asking.")
        }
        let session = caller.sessionEnd == nil ? nil : context.session
        return Response.data([
            "kind": .text(kind),
            "name": .text(caller.name),
            "scopes": caller.scopes.json,
            "csrf_token": session.map { .text($0.csrfToken) } ?? nil,
            "expires_at": caller.sessionEnd?.json ?? nil,
        ]).notStored
    }
}

extension APIContext {
    /// The session that the request's cookie names, whether it is known here or not.
    fileprivate var session: SessionSecret? { SessionSecret(cookieHeader: request.headers[.cookie]) }
}

extension LoginLimits {
    /// Lets one try, or throws 429 that says when he may.
    func attempt(account: String?, address: IPAddress?, at time: Timestamp) throws(Problem) -> LoginThrottle.Attempt {
        switch admit(account: account, address: address, at: time) {
        case .admitted(let attempt): return attempt
        case .wait(let seconds):
            meter.throttled()
            throw Problem(
                .tooManyRequests, "There were too many failed attempts; the next one is taken in \(seconds) s."
            ).retry(afterSeconds: seconds)
        }
    }
}
