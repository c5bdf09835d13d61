/// What is kept of a user's one-time passwords.
struct OneTimePasswordRecord: Sendable, Equatable {
    /// By ``SeedVault``.
    let sealedSeed: [UInt8]
    /// Whether the user has shown that his authenticator has it.
    var isConfirmed: Bool
    /// The last step whose code was taken: it and those before are taken no more (RFC 6238, section 5.2).
    var lastStep: Int64
}
