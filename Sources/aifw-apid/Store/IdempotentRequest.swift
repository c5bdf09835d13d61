/// A request with an idempotency key, as the store knows it: neither the key nor the body can be read from it.
struct IdempotentRequest: Sendable, Hashable {
    /// Whose key it is; each caller has keys of their own.
    let caller: String
    /// What caller and key are known by: 32 bytes.
    let id: [UInt8]
    /// What the request asks for is known by: 32 bytes, another for another path or body.
    let fingerprint: [UInt8]

    /// The one whose handler is running. Each change that the handler has the store write takes it along, and the first
    /// that logs anything leaves the key beside it, in the same transaction (``WriteTransaction/log(_:of:by:changes:)``).
    @TaskLocal static var current: IdempotentRequest?
}
