import Wire

extension WriteTransaction {
    /// Stores a new user and logs it; throws ``StoreError/clash(_:)`` if the name is another's.
    func insert(_ user: UserRecord, by author: Author) throws -> UserRecord {
        try refuseClash(of: user)
        let scopes = JSON.array(user.scopes.names.map(JSON.text))
        let revision = try log(.create, of: user.object, by: author, changes: ["scopes": scopes])
        let stored = user.stamped(ObjectStamp(createdAt: now, updatedAt: now, revision: revision), lastLoginAt: nil)
        try database.run(UserRecord.insert, stored.arguments + [.text(stored.name.key)])
        return stored
    }

    /// Stores what a user has become and logs it; throws ``StoreError/clash(_:)`` if the name is another's.
    ///
    /// One that has not changed is neither stored nor logged, and keeps its revision. Another password, other scopes or
    /// another one-time password end all sessions of the user.
    func update(_ user: UserRecord, by author: Author) throws -> UserRecord {
        let former = try self.user(user.id)
        guard user.stamped(former.stamp, lastLoginAt: former.lastLoginAt) != former else { return former }
        try refuseClash(of: user)
        let revision = try log(.update, of: user.object, by: author, changes: JSON.changes(from: former, to: user))
        let stored = user.stamped(
            ObjectStamp(createdAt: former.stamp.createdAt, updatedAt: now, revision: revision),
            lastLoginAt: former.lastLoginAt)
        try database.run(
            UserRecord.update, stored.arguments + [.text(stored.name.key), .bytes(stored.id.bytes)])
        if !stored.keepsSessions(of: former) {
            try database.run("DELETE FROM session WHERE user_id = ?", [.bytes(stored.id.bytes)])
        }
        state.sessionsChanged = true
        return stored
    }

    /// Deletes a user with all his sessions and logs it.
    func deleteUser(_ id: ObjectID, by author: Author) throws {
        let user = try user(id)
        try database.run("DELETE FROM user WHERE id = ?", [.bytes(id.bytes)])
        state.sessionsChanged = true
        try log(.delete, of: user.object, by: author)
    }

    private func refuseClash(of user: UserRecord) throws {
        if let other = try self.user(named: user.name), other.id != user.id {
            throw StoreError.clash([Clash(subject: .username, other: other.object)])
        }
    }
}

extension UserRecord {
    /// Whether the sessions of who he was go on: not with another password, other scopes or another one-time password.
    func keepsSessions(of former: UserRecord) -> Bool {
        passwordHash == former.passwordHash && scopes == former.scopes
            && hasOneTimePassword == former.hasOneTimePassword
    }

    /// What a write sets: ``arguments``, and the key of the name.
    private static let written = columns + ["name_key"]

    static let insert = """
        INSERT INTO user (\(written.joined(separator: ", "))) VALUES (\(written.map { _ in "?" }.joined(separator: ", ")))
        """

    /// Takes the id behind the arguments.
    static let update = "UPDATE user SET \(written.map { "\($0) = ?" }.joined(separator: ", ")) WHERE id = ?"
}
