import Wire

/// How far the deliveries of a webhook have come, and what stands in their way: a value, which follows what happened.
struct WebhookProgress: Sendable, Equatable {
    enum Status: String, Sendable, CaseIterable {
        /// The last delivery was taken, or there was none yet.
        case ok
        /// It was not, and is tried again.
        case retrying
        /// It was not for so long, or by 410, that the webhook was disabled.
        case failed
    }

    /// How long a delivery is tried: three days.
    static let patience: Int64 = 3 * 86_400_000
    /// How often at least: nearly as often as it is in that time. A daemon that was off, or a clock that was set, makes three days
    /// of two attempts.
    static let leastAttempts = 72

    /// The revision of the last change that was delivered, or that the webhook is not told of.
    var cursor: Int64
    private(set) var status = Status.ok
    /// How many attempts have failed since the last that did not.
    private(set) var failures = 0
    private(set) var failingSince: Timestamp?
    private(set) var nextAttemptAt: Timestamp?
    private(set) var lastError: String?
    private(set) var lastDeliveryAt: Timestamp?

    /// Nothing yet: begins behind a revision.
    init(after cursor: Int64) { self.cursor = cursor }

    mutating func delivered(_ revision: Int64, at time: Timestamp) {
        self = WebhookProgress(after: max(cursor, revision))
        lastDeliveryAt = time
    }

    /// - Parameter chance: from 0 to 1, that many webhooks with one receiver do not all come at once.
    mutating func failed(_ fault: WebhookFault, at time: Timestamp, chance: Double) {
        failures += 1
        let since = failingSince ?? time
        failingSince = since
        lastError = fault.description
        let isOver =
            fault == .gone
            || (failures >= Self.leastAttempts && time.milliseconds - since.milliseconds >= Self.patience)
        status = isOver ? .failed : .retrying
        nextAttemptAt =
            isOver
            ? nil
            : Timestamp(milliseconds: time.milliseconds + WebhookBackOff.pause(after: failures, chance: chance))
    }

    /// How many milliseconds are still to be waited for the next attempt; none where that is further off than any pause, for the
    /// clock was set back.
    func wait(at time: Timestamp) -> Int64 {
        let rest = (nextAttemptAt ?? time).milliseconds - time.milliseconds
        return (0...WebhookBackOff.most).contains(rest) ? rest : 0
    }

    /// The same for a webhook that an administrator has changed: it begins where it was, as if nothing had been wrong.
    var renewed: WebhookProgress {
        var progress = WebhookProgress(after: cursor)
        progress.lastDeliveryAt = lastDeliveryAt
        return progress
    }
}

extension WebhookProgress {
    /// The columns in the order in which ``init(row:)`` reads and ``arguments`` writes them.
    static let columns = [
        "cursor", "status", "failures", "failing_since", "next_attempt_at", "last_error", "last_delivery_at",
    ]

    init(row: inout RowReader) throws {
        cursor = try row.integer()
        status = try row.word()
        failures = Int(try row.integer())
        failingSince = try row.optionalTime()
        nextAttemptAt = try row.optionalTime()
        lastError = try row.optionalString()
        lastDeliveryAt = try row.optionalTime()
    }

    var arguments: [ColumnValue] {
        [
            .integer(cursor), .text(status.rawValue), .integer(Int64(failures)), .time(failingSince),
            .time(nextAttemptAt), .optional(lastError), .time(lastDeliveryAt),
        ]
    }
}
