import Wire

/// What one file of wg-quick(8) says of a tunnel and its peers: every value checked by itself, with the line it stands in.
struct WireGuardQuickFile: Sendable {
    /// The most bytes of a file: 10,000 peers have two keys and a few addresses each within it.
    static let limit = 4 << 20
    /// The most bytes of a line: 256 prefixes of IPv6 have room.
    static let lineLimit = 16 << 10
    /// The most peers of a file, and of all files of one request.
    static let peerLimit = 10_000
    /// How many faults of a file are told.
    static let faultLimit = 100
    /// How many warnings of a file are told.
    static let warningLimit = 50

    /// A value, and the number of its line, from 1.
    struct Placed<Value: Sendable>: Sendable {
        let value: Value
        let line: Int
    }

    struct Peer: Sendable {
        /// Where its section begins.
        let line: Int
        /// Unlike that of any other peer of the file.
        let name: ObjectName
        let publicKey: Placed<PublicKey>
        let presharedKey: SecretKey?
        let endpoint: PeerEndpoint?
        let allowedIPs: Placed<AllowedIPs>
        let keepalive: Keepalive?
    }

    let privateKey: Placed<SecretKey>
    let address: Placed<AddressList>
    /// Nil for the next free one; 0 in the file asks for that too.
    let listenPort: Placed<Port>?
    let dns: Placed<DNSServers>?
    let mtu: MTU?
    let mark: FirewallMark?
    let peers: [Peer]

    /// What came of reading a file.
    struct Reading: Sendable {
        /// Nil if there are faults.
        let file: WireGuardQuickFile?
        let faults: Notices
        let warnings: Notices
    }

    /// Reads the text of a file. No fault and no warning repeats a value that may be a secret: a key, a hook.
    ///
    /// - Parameter peerLimit: how many peers it may have; a file with more is not read to its end.
    static func read(_ text: UnsafeRawBufferPointer, peerLimit: Int = peerLimit) -> Reading {
        var parser = WireGuardQuickParser(peerLimit: peerLimit)
        parser.read(text)
        return parser.finish()
    }
}
