internal import Wire

/// A peer while its parts are read one after the other.
struct PeerDraft {
    /// More allowed IPs of a peer than that are not listed: one frame could not carry them. We never set that many.
    static let prefixLimit = 8192

    let publicKey: PublicKey
    var presharedKey: SecretFingerprint?
    var endpoint: Endpoint?
    private(set) var allowedIPs: [Prefix] = []
    var keepalive = Keepalive(validated: 0)
    var latestHandshake: UInt64 = 0
    var received: UInt64 = 0
    var sent: UInt64 = 0

    init(_ publicKey: PublicKey) { self.publicKey = publicKey }

    mutating func add(_ prefix: Prefix) {
        if allowedIPs.count < Self.prefixLimit { allowedIPs.append(prefix) }
    }

    var state: PeerState {
        PeerState(
            publicKey: publicKey, presharedKey: presharedKey, endpoint: endpoint, allowedIPs: allowedIPs,
            keepalive: keepalive, latestHandshake: latestHandshake, received: received, sent: sent)
    }
}
