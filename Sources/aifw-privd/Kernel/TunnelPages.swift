internal import KernelMessages
internal import Wire

/// The answer to a reading while it is divided into frames.
struct TunnelPages {
    /// The most addresses of an interface that a reader takes (``TunnelState``); we never set more than 16.
    static let addressLimit = 4096

    private var link: TunnelState?
    private var routes: [Prefix] = []
    private var peers: [PeerState] = []
    private var size = 0

    /// Puts the interface into the first page.
    mutating func begin(_ link: Link, _ device: DeviceState, addresses: [InterfaceAddress]) {
        size = 512 + 50 * addresses.count
        self.link = TunnelState(
            index: UInt64(link.index), isUp: link.isUp, mtu: UInt64(link.mtu), addresses: addresses,
            publicKey: device.publicKey, listenPort: device.listenPort, mark: device.mark)
    }

    /// Takes a route over it; gives back the page before it if that is full now.
    mutating func add(_ route: Prefix) -> ReadTunnel.Answer? {
        defer { routes.append(route) }
        return makeRoom(Self.size(of: route))
    }

    /// Takes a peer; gives back the page before it if that is full now.
    mutating func add(_ peer: PeerState) -> ReadTunnel.Answer? {
        defer { peers.append(peer) }
        return makeRoom(Self.size(of: peer))
    }

    /// The page that ends the answer.
    mutating func last() -> ReadTunnel.Answer { take(more: false) }

    private mutating func makeRoom(_ more: Int) -> ReadTunnel.Answer? {
        let full = size > 0 && size + more > ReadTunnel.pageSize ? take(more: true) : nil
        size += more
        return full
    }

    private mutating func take(more: Bool) -> ReadTunnel.Answer {
        defer { self = TunnelPages() }
        return ReadTunnel.Answer(link: link, routes: routes, peers: peers, more: more)
    }

    /// The most that a peer's JSON may take: all names, both keys, an IPv6 endpoint, counters of 19 digits, its prefixes.
    private static func size(of peer: PeerState) -> Int {
        peer.allowedIPs.reduce(320) { $0 + size(of: $1) }
    }

    /// The text of a prefix with its quotes and comma, at most.
    private static func size(of prefix: Prefix) -> Int { prefix.family == .v4 ? 21 : 46 }
}
