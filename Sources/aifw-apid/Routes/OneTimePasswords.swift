import HummingbirdCore
import QR
import Wire

/// `/api/v1/users/{id}/totp`: a second thing that a user's log-in needs. For administrators.
struct OneTimePasswords: Sendable {
    let store: Store
    let seeds: SeedVault

    /// A seed for the user's authenticator, shown this once; a log-in needs it only when it is confirmed.
    @Sendable func enrol(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        // Before a seed is made for nobody.
        _ = try await store.read { try Self.refuseConfirmed($0.user(id)) }
        guard let password = OneTimePassword.random() else {
            throw Problem(.internalError, "No seed could be made.")
        }
        let sealed = try seeds.seal(password.seed, for: id)
        let author = context.author
        let conditions = context.conditions
        let user = try await store.write { transaction in
            var user = try transaction.user(id)
            try conditions.permit(user.etag)
            try Self.refuseConfirmed(user)
            user.oneTimePassword = OneTimePasswordRecord(sealedSeed: sealed, isConfirmed: false, lastStep: 0)
            return try transaction.update(user, by: author)
        }
        let uri = password.uri(of: user.name)
        let shown: JSON = [
            "secret": .string(JSONString(password.base32)),
            "otpauth_uri": .string(JSONString(uri)),
            "qr_svg": .string(JSONString(try QRCode(uri).svg)),
        ]
        return Response.created(shown, location: "\(UserRecord.location(id))/totp", etag: user.etag).notStored
    }

    /// `{code}` of the authenticator: from now on each log-in needs one, and all sessions end.
    @Sendable func confirm(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let reader = try await context.body()
        let given = reader.required("code", parse: OneTimeCode.init(json:))
        let code = try reader.finish(given)
        let current = try await store.read { try $0.user(id) }
        try Self.refuseConfirmed(current)
        guard let enrolled = current.oneTimePassword else {
            throw Problem(.conflict, "There is nothing to confirm: ask for a secret first (POST).")
        }
        let steps = try seeds.open(enrolled.sealedSeed, for: id).steps(of: code, at: store.now)
        guard let step = steps.first else {
            throw Problem.invalid([
                .init(field: "code", detail: "is not the authenticator's present one: is its clock right?")
            ])
        }
        let author = context.author
        let conditions = context.conditions
        let user = try await store.write { transaction in
            var user = try transaction.user(id)
            try conditions.permit(user.etag)
            guard user.oneTimePassword == enrolled else {
                throw Problem(.conflict, "Another secret was asked for meanwhile.")
            }
            user.oneTimePassword?.isConfirmed = true
            user.oneTimePassword?.lastStep = step
            return try transaction.update(user, by: author)
        }
        return .data(user.json, etag: user.etag)
    }

    /// A log-in needs the password only; all sessions end.
    @Sendable func remove(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let author = context.author
        let conditions = context.conditions
        let user = try await store.write { transaction in
            var user = try transaction.user(id)
            try conditions.permit(user.etag)
            user.oneTimePassword = nil
            return try transaction.update(user, by: author)
        }
        return .message("TOTP removed", etag: user.etag)
    }

    private static func refuseConfirmed(_ user: UserRecord) throws(Problem) {
        guard !user.hasOneTimePassword else {
            throw Problem(.conflict, "The user has one-time passwords already; remove them first (DELETE).")
        }
    }
}
