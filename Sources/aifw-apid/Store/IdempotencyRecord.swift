import Wire

/// What is kept of a request that carried an idempotency key.
struct IdempotencyRecord: Sendable {
    /// How long a key is kept, in milliseconds: a day.
    static let lifetime: Int64 = 24 * 60 * 60 * 1000
    /// The most keys of one caller.
    static let keyLimit = 10_000
    /// The most bytes of one answer that are kept; more than that of 10,000 peers.
    static let answerLimit = 8 << 20
    /// The most bytes of all answers of one caller; the oldest make room for new ones, their keys stay.
    static let answersLimit = 32 << 20

    /// See ``IdempotentRequest/fingerprint``.
    let fingerprint: [UInt8]
    /// The first line of the log that the request wrote; nil if it changed nothing.
    let done: AuditEntry?
    let outcome: Outcome

    enum Outcome: Sendable, Equatable {
        case answered(IdempotentAnswer)
        /// The answer held a secret that is shown once.
        case secret
        /// It was done, and its answer is not there: this program ended before it was kept, the request failed after its
        /// first change, or the answer was too large or had to make room.
        case lost
    }
}

/// An answer as it is kept for a repetition.
struct IdempotentAnswer: Sendable, Equatable {
    let status: Int
    var contentType: String?
    var location: String?
    var etag: String?
    let body: [UInt8]
}
