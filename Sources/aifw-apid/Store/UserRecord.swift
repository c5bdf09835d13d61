import Wire

/// A person who logs in with a password.
struct UserRecord: Sendable, Equatable {
    let id: ObjectID
    var name: Username
    var passwordHash: PasswordHash
    var scopes: Scopes
    var oneTimePassword: OneTimePasswordRecord?
    /// Not part of what the revision counts: a log-in is no change.
    private(set) var lastLoginAt: Timestamp?

    /// Set by the store.
    private(set) var stamp = ObjectStamp.none

    init(id: ObjectID, name: Username, passwordHash: PasswordHash, scopes: Scopes) {
        self.id = id
        self.name = name
        self.passwordHash = passwordHash
        self.scopes = scopes
    }

    /// Whether a log-in needs a one-time password.
    var hasOneTimePassword: Bool { oneTimePassword?.isConfirmed ?? false }

    /// How the log and other objects' refusals name it.
    var object: AuditObject { AuditObject(kind: .user, id: id, name: name.objectName) }
}

extension UserRecord {
    /// The columns in the order in which ``init(row:)`` reads and ``arguments`` writes them.
    static let columns = [
        "id", "name", "password_hash", "scopes", "totp_seed", "totp_confirmed", "totp_step", "last_login_at",
        "created_at", "updated_at", "revision",
    ]

    init(row: RowReader) throws {
        var row = row
        id = try row.id()
        name = try row.text()
        passwordHash = PasswordHash(stored: try row.string())
        scopes = Scopes(rawValue: UInt8(truncatingIfNeeded: try row.integer()))
        let seed = try row.optionalBytes { $0 }
        let (isConfirmed, lastStep) = (try row.flag(), try row.integer())
        oneTimePassword = seed.map {
            OneTimePasswordRecord(sealedSeed: $0, isConfirmed: isConfirmed, lastStep: lastStep)
        }
        lastLoginAt = try row.optionalTime()
        stamp = try ObjectStamp(row: &row)
    }

    /// A value for each column.
    var arguments: [ColumnValue] {
        [
            .bytes(id.bytes), .text(name), .text(passwordHash.text), .integer(Int64(scopes.rawValue)),
            .bytes(oneTimePassword?.sealedSeed), .flag(hasOneTimePassword), .integer(oneTimePassword?.lastStep ?? 0),
            .time(lastLoginAt),
        ] + stamp.arguments
    }

    /// The same with what the store has kept of it.
    func stamped(_ stamp: ObjectStamp, lastLoginAt: Timestamp?) -> UserRecord {
        var record = self
        record.stamp = stamp
        record.lastLoginAt = lastLoginAt
        return record
    }
}
