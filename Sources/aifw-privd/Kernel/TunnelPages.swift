internal import KernelMessages
internal import Wire

/// The answer to a reading while it is divided into frames.
struct TunnelPages {
    /// The most addresses of an interface that a reader takes (``TunnelState``); we never set more than 16.
    static let addressLimit = 4096
    /// Routes are listed until this many bytes: they stand in the first frame together.
    private static let routesLimit = 768 << 10

    private var link: TunnelState?
    private var peers: [PeerState] = []
    private var size = 0

    /// Puts the interface into the first page.
    mutating func begin(_ link: Link, _ device: DeviceState, addresses: [InterfaceAddress], routes: [Prefix]) {
        size = 512 + 50 * addresses.count
        var listed: [Prefix] = []
        for route in routes where size < Self.routesLimit {
            listed.append(route)
            size += Self.size(of: route)
        }
        self.link = TunnelState(
            index: UInt64(link.index), isUp: link.isUp, mtu: UInt64(link.mtu), addresses: addresses, routes: listed,
            publicKey: device.publicKey, listenPort: device.listenPort, mark: device.mark)
    }

    /// Takes a peer; gives back the page before it if that is full now.
    mutating func add(_ peer: PeerState) -> ReadTunnel.Answer? {
        let more = Self.size(of: peer)
        var full: ReadTunnel.Answer?
        if size + more > ReadTunnel.pageSize, link != nil || !peers.isEmpty { full = take(more: true) }
        peers.append(peer)
        size += more
        return full
    }

    /// The page that ends the answer.
    mutating func last() -> ReadTunnel.Answer { take(more: false) }

    private mutating func take(more: Bool) -> ReadTunnel.Answer {
        defer {
            link = nil
            peers = []
            size = 0
        }
        return ReadTunnel.Answer(link: link, peers: peers, more: more)
    }

    /// The most that a peer's JSON may take: all names, both keys, an IPv6 endpoint, counters of 19 digits, its prefixes.
    private static func size(of peer: PeerState) -> Int {
        peer.allowedIPs.reduce(320) { $0 + size(of: $1) }
    }

    /// The text of a prefix with its quotes and comma, at most.
    private static func size(of prefix: Prefix) -> Int { prefix.family == .v4 ? 21 : 46 }
}
