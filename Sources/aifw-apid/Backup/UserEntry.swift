import Wire

/// A user in a backup: his password's hash, and the seed of his one-time passwords in clear, for the key that it is sealed
/// with belongs to one machine.
struct UserEntry: Message {
    /// Without one-time passwords.
    let record: UserRecord
    let totp: Seed?

    struct Seed: Sendable {
        let password: OneTimePassword
        let isConfirmed: Bool
        let lastStep: Int64
    }

    init(_ record: UserRecord, totp: Seed?) {
        self.record = record
        self.totp = totp
    }

    init(reader: inout MemberReader) throws(Refusal) {
        let (id, name): (ObjectID, Username) = (try reader.required("id"), try reader.required("username"))
        let text: String = try reader.required("password_hash")
        let hash = PasswordHash(stored: text)
        // Whoever logs in has it computed by what it says: it must not say more than this program does.
        guard hash.isOfStandardCost else {
            throw Refusal(.malformed, "is no hash as this version makes them", field: reader.path("password_hash"))
        }
        let scopes = try Scopes(reader: &reader)
        let lastLoginAt: Timestamp? = try reader.optional("last_login_at")
        totp = try Seed(reader: &reader)
        record = UserRecord(id: id, name: name, passwordHash: hash, scopes: scopes)
            .stamped(try ObjectStamp(reader: &reader), lastLoginAt: lastLoginAt)
    }

    var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("id", record.id)
            writer.add("username", record.name)
            writer.add("password_hash", record.passwordHash.text)
            writer.add("scopes", record.scopes.json)
            writer.add("last_login_at", record.lastLoginAt)
            writer.add("totp_seed", totp?.password.seed)
            writer.add("totp_confirmed", totp?.isConfirmed)
            writer.add("totp_step", totp.map { UInt64(clamping: $0.lastStep) })
            writer.add(record.stamp)
        }.members
    }
}

extension UserEntry.Seed {
    /// Nil where there are no one-time passwords.
    fileprivate init?(reader: inout MemberReader) throws(Refusal) {
        guard let seed: Secret = try reader.optional("totp_seed") else { return nil }
        guard let password = OneTimePassword(seed: seed) else {
            throw Refusal(.malformed, "has another length than a seed", field: reader.path("totp_seed"))
        }
        self.password = password
        isConfirmed = try reader.required("totp_confirmed")
        let step: UInt64 = try reader.required("totp_step")
        lastStep = Int64(clamping: step)
    }
}
