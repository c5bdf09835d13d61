internal import CLinux
internal import Wire

/// The messages to the kernel's WireGuard about one interface (linux/wireguard.h).
package struct WireGuardMessages {
    /// The generic family's name, by which its number is found (``GenericNetlink``).
    package static let familyName = WG_GENL_NAME
    /// Far below the 64 KiB that a nested attribute may have, and enough for some 150 peers.
    package static let standardCapacity = 16 << 10

    private let family: UInt16
    private let index: Int32
    private let capacity: Int

    package init(family: UInt16, index: Int32, capacity: Int = WireGuardMessages.standardCapacity) {
        self.family = family
        self.index = index
        self.capacity = capacity
    }

    /// Asks for the interface and all its peers.
    package func get() -> NetlinkMessage { message(WG_CMD_GET_DEVICE, capacity: NetlinkMessage.smallCapacity) }

    /// Changes what is not nil.
    package func set(_ change: DeviceChange) -> NetlinkMessage {
        let message = message(WG_CMD_SET_DEVICE, capacity: NetlinkMessage.smallCapacity)
        if let port = change.listenPort { message.put(WGDEVICE_A_LISTEN_PORT, port.rawValue) }
        if let mark = change.mark { message.put(WGDEVICE_A_FWMARK, mark.rawValue) }
        if let key = change.privateKey { key.withUnsafeBytes { message.put(WGDEVICE_A_PRIVATE_KEY, $0) } }
        return message
    }

    /// Removes every peer.
    package func removeAllPeers() -> NetlinkMessage {
        let message = message(WG_CMD_SET_DEVICE, capacity: NetlinkMessage.smallCapacity)
        message.put(WGDEVICE_A_FLAGS, WGDEVICE_F_REPLACE_PEERS.rawValue)
        return message
    }

    /// Removes and sets peers, in as many messages as they need.
    ///
    /// A peer whose allowed IPs do not fit goes on in the next message with its key and the rest of them alone: its flags
    /// there again would throw away those before.
    package func set(_ change: PeersChange) -> [NetlinkMessage] {
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
