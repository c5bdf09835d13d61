internal import CLinux
internal import CMnl
internal import Glibc
internal import Wire

/// The messages to the kernel's WireGuard about one interface (linux/wireguard.h).
struct WireGuardMessages {
    /// Far below the 64 KiB that a nested attribute may have, and enough for some 150 peers.
    static let standardCapacity = 16 << 10

    let family: UInt16
    let index: Int32
    let capacity: Int

    init(family: UInt16, index: Int32, capacity: Int = WireGuardMessages.standardCapacity) {
        self.family = family
        self.index = index
        self.capacity = capacity
    }

    /// Asks for the interface and all its peers.
    func get() -> NetlinkMessage { message(WG_CMD_GET_DEVICE, capacity: NetlinkMessage.smallCapacity) }

    /// Changes what is not nil.
    func set(_ change: DeviceChange) -> NetlinkMessage {
        let message = message(WG_CMD_SET_DEVICE, capacity: NetlinkMessage.smallCapacity)
        if let port = change.listenPort { message.put(WGDEVICE_A_LISTEN_PORT, port.rawValue) }
        if let mark = change.mark { message.put(WGDEVICE_A_FWMARK, mark.rawValue) }
        if let key = change.privateKey { key.withUnsafeBytes { message.put(WGDEVICE_A_PRIVATE_KEY, $0) } }
        return message
    }

    /// Removes every peer.
    func removeAllPeers() -> NetlinkMessage {
        let message = message(WG_CMD_SET_DEVICE, capacity: NetlinkMessage.smallCapacity)
        message.put(WGDEVICE_A_FLAGS, WGDEVICE_F_REPLACE_PEERS.rawValue)
        return message
    }

    /// Removes and sets peers, in as many messages as they need.
    ///
    /// A peer whose allowed IPs do not fit goes on in the next message with its key and the rest of them alone: its flags
    /// there again would throw away those before.
    func set(_ change: PeersChange) -> [NetlinkMessage] {
        var writer = PeersWriter { self.message(WG_CMD_SET_DEVICE, capacity: capacity) }
        for key in change.remove { writer.remove(key) }
        for peer in change.set { writer.set(peer) }
        return writer.finish()
    }

    private func message(_ command: wg_cmd, capacity: Int) -> NetlinkMessage {
        let header = genlmsghdr(cmd: UInt8(command.rawValue), version: UInt8(WG_GENL_VERSION), reserved: 0)
        let message = NetlinkMessage(type: family, familyHeader: header, capacity: capacity)
        message.put(WGDEVICE_A_IFINDEX, UInt32(bitPattern: index))
        return message
    }
}

/// Writes peers into one message after another.
private struct PeersWriter {
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
        if let endpoint = peer.endpoint { put(endpoint, into: message) }
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
            message.put(WGALLOWEDIP_A_FAMILY, UInt16(prefix.family == .v4 ? AF_INET : AF_INET6))
            message.put(WGALLOWEDIP_A_IPADDR, prefix.address.bytes)
            message.put(WGALLOWEDIP_A_CIDR_MASK, UInt8(prefix.length))
        }
    }

    private func put(_ endpoint: Endpoint, into message: NetlinkMessage) {
        switch endpoint.address.family {
        case .v4:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = endpoint.port.rawValue.bigEndian
            withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: endpoint.address.bytes) }
            withUnsafeBytes(of: address) { message.put(WGPEER_A_ENDPOINT, $0) }
        case .v6:
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = endpoint.port.rawValue.bigEndian
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: endpoint.address.bytes) }
            withUnsafeBytes(of: address) { message.put(WGPEER_A_ENDPOINT, $0) }
        }
    }
}

extension NetlinkMessage {
    fileprivate func put(_ type: wgdevice_attribute, _ value: some FixedWidthInteger & BitwiseCopyable) {
        put(Int(type.rawValue), value)
    }

    fileprivate func put(_ type: wgdevice_attribute, _ payload: UnsafeRawBufferPointer) {
        put(Int(type.rawValue), payload)
    }

    fileprivate func put(_ type: wgpeer_attribute, _ value: some FixedWidthInteger & BitwiseCopyable) {
        put(Int(type.rawValue), value)
    }

    fileprivate func put(_ type: wgpeer_attribute, _ payload: UnsafeRawBufferPointer) {
        put(Int(type.rawValue), payload)
    }

    fileprivate func put(_ type: wgpeer_attribute, _ payload: [UInt8]) { put(Int(type.rawValue), payload) }

    fileprivate func nest(_ type: wgpeer_attribute, _ body: () -> Void) { nest(Int(type.rawValue), body) }

    fileprivate func put(_ type: wgallowedip_attribute, _ value: some FixedWidthInteger & BitwiseCopyable) {
        put(Int(type.rawValue), value)
    }

    fileprivate func put(_ type: wgallowedip_attribute, _ payload: [UInt8]) { put(Int(type.rawValue), payload) }
}
