import Wire

/// A bearer token as it is kept: by its hash only.
struct TokenRecord: Sendable, Equatable {
    let id: ObjectID
    let name: ObjectName
    let scopes: Scopes
    /// BLAKE2b-256 of the token, 32 bytes.
    let hash: [UInt8]
    let createdAt: Timestamp
    let expiresAt: Timestamp?

    func isValid(at time: Timestamp) -> Bool { expiresAt.map { time < $0 } ?? true }
}
