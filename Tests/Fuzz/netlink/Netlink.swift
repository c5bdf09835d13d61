import Glibc
import Wire

@testable import KernelMessages

/// What the kernel answers: links, addresses, routes, the number of a family, WireGuard's list of peers, and nf_tables.
///
/// The input is one datagram that answers question 1. Every message in it is given to every reader.
enum Netlink {
    static func run(_ input: UnsafeRawBufferPointer) {
        var answer = NetlinkAnswer(sequence: 1)
        var wireguard = WireGuardReading()
        var peers: [PeerState] = []
        let progress = answer.take(input) { reply in
            Checks.require(
                reply.payload.isEmpty || contains(input, reply.payload), "a message lies within the datagram")
            Checks.take()
            if let link = Link(reply) { same(link) }
            if let address = LinkAddress(reply) { same(address) }
            if let route = Route(reply) { same(route) }
            _ = GenericNetlink.family(reply)
            if let comment = NftablesReading.comment(reply) { same(comment) }
            if let set = NftablesReading.set(reply) {
                Checks.require(!set.name.contains("\0") && set.keyLength >= 0, "a set has a name and a length")
            }
            let keys = NftablesReading.keys(reply).reduce(0) { $0 + $1.first.count + ($1.last?.count ?? 0) }
            Checks.require(keys <= reply.payload.count, "keys lie within the message")
            Checks.must("a list of peers is read") {
                try wireguard.take(reply.payload, fingerprint: fingerprint) { (peer) throws(Refusal) in
                    peers.append(peer)
                }
            }
        }
        if case .failed(let number, _) = progress { Checks.require(number > 0, "an error number is positive") }
        if let last = wireguard.finish() { peers.append(last) }
        Readings.same(wireguard.device, peers)
        same(peers)
    }

    private static func contains(_ whole: UnsafeRawBufferPointer, _ part: UnsafeRawBufferPointer) -> Bool {
        guard let start = whole.baseAddress, let first = part.baseAddress else { return part.isEmpty }
        return first >= start && first + part.count <= start + whole.count
    }

    private static func fingerprint(_ secret: UnsafeRawBufferPointer) -> SecretFingerprint {
        Checks.require(secret.count == 32, "a pre-shared key has 32 bytes")
        guard let fingerprint = SecretFingerprint(bytes: secret.prefix(16)) else {
            Checks.fail("a secret has 16 bytes")
        }
        return fingerprint
    }

    // MARK: What is read is written to what is read the same

    /// The first message of `message`, as if the kernel had sent it with the type `type`.
    private static func reread<Value>(
        _ message: NetlinkMessage, type: Int, _ read: (NetlinkReply) -> Value?
    ) -> Value? {
        withExtendedLifetime(message) {
            read(NetlinkReply(type: type, payload: UnsafeRawBufferPointer(rebasing: message.bytes.dropFirst(16))))
        }
    }

    private static func same(_ link: Link) {
        Checks.require(!link.name.contains("\0") && link.alias?.contains("\0") != true, "a text ends before its NUL")
        // A name of the kernel has at most 15 bytes; what is longer is not written.
        guard link.name.utf8.count <= 15, (link.alias ?? "").utf8.count <= 255 else { return }
        let message = LinkMessages.change(link, name: link.name, alias: link.alias, mtu: link.mtu)
        let again = reread(message, type: 16) { Link($0) }
        Checks.require(again?.name == link.name && again?.alias == link.alias, "a link keeps its name and alias")
        Checks.require(again?.mtu == link.mtu && again?.index == link.index, "a link keeps its MTU and index")
        Checks.require(again?.tunnel == link.tunnel, "a link keeps its tunnel")
    }

    private static func same(_ comment: String) {
        Checks.require(!comment.contains("\0"), "a comment ends before its NUL")
    }

    private static func same(_ address: LinkAddress) {
        let link = Link(index: address.index, name: "wg0", alias: nil, kind: nil, mtu: 0, isUp: true)
        let again = reread(AddressMessages.remove(address, from: link), type: 20) { LinkAddress($0) }
        Checks.require(again?.address == address.address && again?.peer == address.peer, "an address stays the same")
        Checks.require(again?.index == address.index, "an address keeps its interface")
    }

    private static func same(_ route: Route) {
        let link = Link(index: route.index ?? 1, name: "wg0", alias: nil, kind: nil, mtu: 0, isUp: true)
        let again = reread(RouteMessages.add(route.destination, over: link), type: 24) { Route($0) }
        Checks.require(again?.destination == route.destination, "a route keeps its destination")
        Checks.require(again?.routeProtocol == RouteMessages.ourProtocol, "a route that is written is ours")
    }

    /// Peers that are set are listed as they were, however many messages they take.
    private static func same(_ peers: [PeerState]) {
        let set = peers.map { peer in
            PeersChange.Peer(
                publicKey: peer.publicKey, endpoint: peer.endpoint, allowedIPs: peer.allowedIPs,
                keepalive: peer.keepalive)
        }
        var reading = WireGuardReading()
        var again: [PeerState] = []
        for message in WireGuardMessages(family: 30, index: 1, capacity: 1024).set(PeersChange(set: set)) {
            Checks.must("a written list is read") {
                try reading.take(
                    UnsafeRawBufferPointer(rebasing: message.bytes.dropFirst(16)), fingerprint: fingerprint
                ) { (peer) throws(Refusal) in again.append(peer) }
            }
        }
        if let last = reading.finish() { again.append(last) }
        // One after the other of the same key is one peer in a list.
        guard zip(peers, peers.dropFirst()).allSatisfy({ $0.publicKey != $1.publicKey }) else { return }
        Checks.require(again.count == peers.count, "no peer is lost")
        for (left, right) in zip(peers, again) {
            Checks.require(left.publicKey == right.publicKey, "a peer keeps its key")
            Checks.require(left.allowedIPs == right.allowedIPs, "a peer keeps its allowed IPs")
            Checks.require(left.endpoint == right.endpoint, "a peer keeps its endpoint")
            Checks.require(left.keepalive == right.keepalive, "a peer keeps its keepalive")
        }
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafeRawPointer?, _ size: Int) -> Int32 {
    Netlink.run(UnsafeRawBufferPointer(start: data, count: size))
    return 0
}
