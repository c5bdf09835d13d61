import Wire

/// A browser that is logged in, with what its user may do; by the cookie's hash only.
struct SessionRecord: Sendable, Equatable {
    /// How long one lasts, however busy it is: 12 hours.
    static let lifetime: Int64 = 12 * 3_600_000
    /// How long one lasts that nobody uses: an hour.
    static let idleTime: Int64 = 3_600_000
    /// How many a user has; the oldest goes when another one is made.
    static let limit = 16

    /// See ``SessionSecret/hash``.
    let hash: [UInt8]
    let user: ObjectID
    let name: Username
    let scopes: Scopes
    let createdAt: Timestamp
    /// When it was last used, as far as that is written down.
    let seenAt: Timestamp

    /// When it ends even if it is used all the time.
    var end: Timestamp { Timestamp(milliseconds: createdAt.milliseconds + Self.lifetime) }

    /// Whether it still lasts, last used at `seen`.
    func isValid(at time: Timestamp, seenAt seen: Timestamp) -> Bool {
        time < end && time.milliseconds < seen.milliseconds + Self.idleTime
    }
}
