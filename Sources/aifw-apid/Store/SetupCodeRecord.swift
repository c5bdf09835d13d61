import Wire

/// The one set-up code that there may be.
struct SetupCodeRecord: Sendable, Equatable {
    /// See ``SetupCode/hash``.
    let hash: [UInt8]
    let expiresAt: Timestamp
    let triesLeft: Int
}
