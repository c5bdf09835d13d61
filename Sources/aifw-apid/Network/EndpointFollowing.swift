import Wire

/// When a peer whose endpoint is a host name is to be reached elsewhere, and where.
enum EndpointFollowing {
    /// How many seconds a handshake may be past before a peer counts as silent: with a live session there would have been
    /// another (after 120 s, and some tries 5 s apart). As reresolve-dns.sh of wireguard-tools has it.
    static let patience: Int64 = 135

    /// Whether a peer has not been heard of for so long that its name is to be looked at again. One that is heard of may
    /// have roamed, and is where it says.
    static func isSilent(_ peer: PeerState, at now: Timestamp) -> Bool {
        peer.latestHandshake == 0 || now.milliseconds / 1000 - Int64(clamping: peer.latestHandshake) > patience
    }

    /// Where a silent peer is to be reached from now on; nil if that is where it is reached already.
    ///
    /// - Parameters:
    ///   - addresses: what its name stands for, the best first. One of them that is in use stays in use.
    ///   - running: where it is reached now.
    static func endpoint(at addresses: [IPAddress], port: Port, running: Endpoint?) -> Endpoint? {
        if let running, running.port == port, addresses.contains(running.address) { return nil }
        return addresses.first.map { Endpoint($0, port) }
    }
}
