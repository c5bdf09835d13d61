import Wire

extension WriteTransaction {
    /// Lets a user in: a session by its hash, and a line in the log. The user's oldest goes where there are too many, and so
    /// do all that have ended by themselves.
    ///
    /// - Parameter step: that of the one-time password by which he came, which nobody comes by again.
    func logIn(_ user: UserRecord, session hash: [UInt8], step: Int64?, by author: Author) throws {
        if let step {
            try database.run("UPDATE user SET totp_step = ? WHERE id = ?", [.integer(step), .bytes(user.id.bytes)])
        }
        try database.run(
            "UPDATE user SET last_login_at = ? WHERE id = ?", [.time(now), .bytes(user.id.bytes)])
        // What is written down of a session's last use may be behind.
        let idle = now.milliseconds - SessionRecord.idleTime - 2 * SessionCache.delay
        try database.run(
            "DELETE FROM session WHERE created_at <= ? OR seen_at <= ?",
            [.integer(now.milliseconds - SessionRecord.lifetime), .integer(idle)])
        try database.run(
            "INSERT INTO session (hash, user_id, created_at, seen_at) VALUES (?, ?, ?, ?)",
            [.bytes(hash), .bytes(user.id.bytes), .time(now), .time(now)])
        try database.run(
            """
            DELETE FROM session WHERE user_id = ? AND hash NOT IN
            (SELECT hash FROM session WHERE user_id = ? ORDER BY created_at DESC, hash = ? DESC LIMIT ?)
            """,
            [.bytes(user.id.bytes), .bytes(user.id.bytes), .bytes(hash), .integer(Int64(SessionRecord.limit))])
        state.sessionsChanged = true
        try log(.login, of: user.object, by: author)
    }

    /// Ends a session: once this is committed, its cookie lets nobody in.
    func endSession(_ hash: [UInt8]) throws {
        try database.run("DELETE FROM session WHERE hash = ?", [.bytes(hash)])
        state.sessionsChanged = true
    }

    /// Writes down when a session was last used.
    func markUsed(_ hash: [UInt8], at time: Timestamp) throws {
        try database.run("UPDATE session SET seen_at = ? WHERE hash = ?", [.time(time), .bytes(hash)])
    }

    /// Stores a set-up code by its hash, in the place of the one before.
    func replaceSetupCode(hash: [UInt8], expiresAt: Timestamp) throws {
        try database.run(
            "INSERT OR REPLACE INTO setup_code (id, hash, expires_at, tries_left) VALUES (1, ?, ?, ?)",
            [.bytes(hash), .time(expiresAt), .integer(Int64(SetupCode.tries))])
    }

    /// One try less.
    func countSetupTry() throws { try database.run("UPDATE setup_code SET tries_left = tries_left - 1") }

    func deleteSetupCode() throws { try database.run("DELETE FROM setup_code") }
}
