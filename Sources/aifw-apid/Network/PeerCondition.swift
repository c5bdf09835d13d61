import Wire

/// What `state` says of a peer in a tunnel's status.
enum PeerCondition: String, Sendable {
    /// Enabled, and no handshake since the interface was made.
    case never
    /// Its session is young enough to carry traffic.
    case online
    /// There was a handshake, but its session is over.
    case stale
    /// The operator has turned it off.
    case disabled
    /// Its `expires_at` has passed.
    case expired

    /// How old a session may be: WireGuard's Reject-After-Time of 180 s (protocol paper, section 6.1;
    /// drivers/net/wireguard/messages.h).
    static let sessionLimit: Int64 = 180

    /// - Parameter latestHandshake: seconds since 1970; 0 if there has been none.
    init(isEnabled: Bool, expiresAt: Timestamp?, latestHandshake: UInt64, now: Timestamp) {
        if !isEnabled {
            self = .disabled
        } else if let expiresAt, expiresAt <= now {
            self = .expired
        } else if latestHandshake == 0 {
            self = .never
        } else {
            let age = now.milliseconds / 1000 - Int64(clamping: latestHandshake)
            self = age <= Self.sessionLimit ? .online : .stale
        }
    }
}
