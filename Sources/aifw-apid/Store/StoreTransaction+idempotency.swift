import GRDB
import Wire

extension StoreTransaction {
    /// What is kept of an earlier request of this caller with this key; nil if there was none within a day.
    func idempotency(of request: IdempotentRequest) throws -> IdempotencyRecord? {
        let sql = """
            SELECT fingerprint, outcome, revision, status, content_type, location, etag, body FROM idempotency_key
            WHERE id = ? AND created_at > ?
            """
        guard let row = try database.first(sql, [.bytes(request.id), expiryOfKeys]) else { return nil }
        var reader = RowReader(row, of: "idempotency_key")
        let fingerprint = try reader.bytes { $0 }
        let word: Word = try reader.word()
        let revision = try reader.optionalInteger()
        let outcome: IdempotencyRecord.Outcome =
            switch word {
            case .secret: .secret
            case .done: .lost
            case .answered: .answered(try IdempotentAnswer(row: &reader))
            }
        return IdempotencyRecord(
            fingerprint: fingerprint, done: try revision.flatMap { try changes(after: $0 - 1, limit: 1).first },
            outcome: outcome)
    }

    /// How many keys a caller has, and how many milliseconds are left until the oldest of them goes.
    func idempotencyKeys(of caller: String) throws -> (count: Int, oldestEndsIn: Int64) {
        let sql = "SELECT count(*), min(created_at) FROM idempotency_key WHERE caller = ? AND created_at > ?"
        guard let row = try database.first(sql, [.text(caller), expiryOfKeys]) else { return (0, 0) }
        let (count, oldest): (Int, Int64?) = (row[0], row[1])
        return (count, oldest.map { max(0, $0 + IdempotencyRecord.lifetime - now.milliseconds) } ?? 0)
    }

    /// Keys that were made then or before are no more.
    fileprivate var expiryOfKeys: ColumnValue { .integer(now.milliseconds - IdempotencyRecord.lifetime) }
}

extension WriteTransaction {
    /// Leaves the key of the request under way beside its change: from the commit on it is known that this was done.
    ///
    /// - Parameter revision: that of the change; of several the first is kept.
    func noteIdempotency(of revision: Int64) throws {
        guard let request, !state.isKeyNoted else { return }
        try removeExpiredKeys(and: request.id)
        try database.run(
            """
            INSERT INTO idempotency_key (id, caller, fingerprint, created_at, revision, outcome)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """,
            [
                .bytes(request.id), .text(request.caller), .bytes(request.fingerprint), .time(now), .integer(revision),
                .text(Word.done.rawValue),
            ])
        state.isKeyNoted = true
    }

    /// Keeps how a request ended that was carried out.
    func keep(_ outcome: IdempotencyRecord.Outcome, of request: IdempotentRequest) throws {
        try removeExpiredKeys(and: request.id)
        var answer: IdempotentAnswer?
        let word: Word
        switch outcome {
        case .secret: word = .secret
        case .lost: word = .done
        case .answered(let given): (word, answer) = (.answered, given)
        }
        if let answer { try makeRoom(for: answer.body.count, of: request.caller) }
        let values: [ColumnValue] = [
            .text(word.rawValue), answer.map { .integer(Int64($0.status)) } ?? .null, .optional(answer?.contentType),
            .optional(answer?.location), .optional(answer?.etag), .bytes(answer?.body),
            .integer(Int64(answer?.body.count ?? 0)),
        ]
        let columns = ["outcome", "status", "content_type", "location", "etag", "body", "size"]
        try database.run(
            """
            INSERT INTO idempotency_key (id, caller, fingerprint, created_at, \(columns.joined(separator: ", ")))
            VALUES (?, ?, ?, ?, \(columns.map { _ in "?" }.joined(separator: ", "))) ON CONFLICT (id) DO UPDATE
            SET \(columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
            """,
            [.bytes(request.id), .text(request.caller), .bytes(request.fingerprint), .time(now)] + values)
    }

    /// Removes the key if it has expired, and of all that have as many as cost nobody a wait.
    private func removeExpiredKeys(and id: [UInt8]) throws {
        try database.run(
            "DELETE FROM idempotency_key WHERE id = ? AND created_at <= ?", [.bytes(id), expiryOfKeys])
        try database.run(
            """
            DELETE FROM idempotency_key WHERE id IN
            (SELECT id FROM idempotency_key WHERE created_at <= ? ORDER BY created_at LIMIT 50)
            """, [expiryOfKeys])
    }

    /// Drops the caller's oldest answers until another of that many bytes fits. What was done stays known.
    private func makeRoom(for size: Int, of caller: String) throws {
        let sum = "SELECT coalesce(sum(size), 0) FROM idempotency_key WHERE caller = ?"
        let kept: Int = try database.first(sum, [.text(caller)])?[0] ?? 0
        var excess = kept + size - IdempotencyRecord.answersLimit
        guard excess > 0 else { return }
        var dropped: [[UInt8]] = []
        let oldest = "SELECT id, size FROM idempotency_key WHERE caller = ? AND size > 0 ORDER BY created_at, id"
        try database.each(oldest, [.text(caller)]) { row in
            var reader = RowReader(row, of: "idempotency_key")
            dropped.append(try reader.bytes { $0 })
            excess -= Int(try reader.integer())
            return excess > 0
        }
        for id in dropped {
            let values: [ColumnValue] = [.text(Word.done.rawValue), .bytes(id)]
            try database.run(
                """
                UPDATE idempotency_key SET outcome = ?, status = NULL, content_type = NULL, location = NULL, etag = NULL,
                body = NULL, size = 0 WHERE id = ?
                """, values)
        }
    }
}

/// What the column `outcome` says.
private enum Word: String {
    case done, answered, secret
}

extension IdempotentAnswer {
    fileprivate init(row: inout RowReader) throws {
        status = Int(try row.integer())
        contentType = try row.optionalString()
        location = try row.optionalString()
        etag = try row.optionalString()
        body = try row.bytes { $0 }
    }
}
