import Wire

/// A peer that is about to be made, as far as others can be in its way.
struct PeerProposal: Sendable {
    /// Nil if the request has it wrong.
    let name: ObjectName?
    /// Nil for one that will be made.
    let publicKey: PublicKey?
    /// Nil for the next free addresses.
    let allowedIPs: AllowedIPs?
    /// Whether its allowed IPs may overlap another's.
    let allowOverlap: Bool
}
