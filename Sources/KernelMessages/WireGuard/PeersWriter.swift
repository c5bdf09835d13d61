internal import CLinux
internal import Glibc
internal import Wire

/// Writes peers into one message after another.
struct PeersWriter {
    private let start: () -> NetlinkMessage
    private var messages: [NetlinkMessage] = []
    private var open: (message: NetlinkMessage, nest: UnsafeMutablePointer<nlattr>)?

    init(start: @escaping () -> NetlinkMessage) { self.start = start }

    mutating func finish() -> [NetlinkMessage] {
        close()
        return messages
    }

    mutating func remove(_ key: PublicKey) {
        let message = room(for: Self.headSize)
        message.nest(0) {
            message.put(WGPEER_A_PUBLIC_KEY, key.bytes)
            message.put(WGPEER_A_FLAGS, WGPEER_F_REMOVE_ME.rawValue)
        }
    }

    mutating func set(_ peer: PeersChange.Peer) {
        var message = room(for: Self.headSize)
        var nest = message.beginNest(0)
        message.put(WGPEER_A_PUBLIC_KEY, peer.publicKey.bytes)
        if peer.allowedIPs != nil { message.put(WGPEER_A_FLAGS, WGPEER_F_REPLACE_ALLOWEDIPS.rawValue) }
        switch peer.presharedKey {
        case nil: break
        case .some(nil): message.put(WGPEER_A_PRESHARED_KEY, [UInt8](repeating: 0, count: Int(WG_KEY_LEN)))
        case let key??: key.withUnsafeBytes { message.put(WGPEER_A_PRESHARED_KEY, $0) }
        }
        if let endpoint = peer.endpoint { message.put(WGPEER_A_ENDPOINT, SocketAddress.bytes(endpoint)) }
        if let keepalive = peer.keepalive {
            message.put(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, keepalive.rawValue)
        }
        var rest = (peer.allowedIPs ?? [])[...]
        while !rest.isEmpty {
            message.nest(WGPEER_A_ALLOWEDIPS) {
                while let prefix = rest.first, message.room >= Self.prefixSize {
                    put(prefix, into: message)
                    rest.removeFirst()
                }
            }
            guard !rest.isEmpty else { break }
            message.endNest(nest)
            close()
            message = room(for: Self.headSize)
            nest = message.beginNest(0)
            message.put(WGPEER_A_PUBLIC_KEY, peer.publicKey.bytes)
        }
        message.endNest(nest)
    }

    /// The most that a peer takes without its allowed IPs, and with the first of them.
    private static let headSize =
        4 + 2 * NetlinkMessage.size(ofPayload: Int(WG_KEY_LEN)) + 2 * NetlinkMessage.size(ofPayload: 4)
        + NetlinkMessage.size(ofPayload: MemoryLayout<sockaddr_in6>.size) + 4 + prefixSize

    /// The most that an allowed IP takes: its own header, family, IPv6 address and length.
    private static let prefixSize =
        4 + 2 * NetlinkMessage.size(ofPayload: 4) + NetlinkMessage.size(ofPayload: 16)

    /// The open message if that many bytes fit into it, else the next.
    private mutating func room(for size: Int) -> NetlinkMessage {
        if let open, open.message.room >= size { return open.message }
        close()
        let message = start()
        open = (message, message.beginNest(Int(WGDEVICE_A_PEERS.rawValue)))
        return message
    }

    private mutating func close() {
        guard let (message, nest) = open else { return }
        message.endNest(nest)
        messages.append(message)
        open = nil
    }

    private func put(_ prefix: Prefix, into message: NetlinkMessage) {
        message.nest(0) {
            message.put(WGALLOWEDIP_A_FAMILY, UInt16(prefix.family.number))
            message.put(WGALLOWEDIP_A_IPADDR, prefix.address.bytes)
            message.put(WGALLOWEDIP_A_CIDR_MASK, UInt8(prefix.length))
        }
    }
}
