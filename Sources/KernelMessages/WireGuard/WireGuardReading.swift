internal import CLinux
internal import Glibc
package import Wire

/// Reads what the kernel's WireGuard lists of an interface, message by message (linux/wireguard.h, WG_CMD_GET_DEVICE).
///
/// The first message has the settings. A peer whose allowed IPs do not fit into a message goes on in the next under the
/// same key.
package struct WireGuardReading {
    package private(set) var device = DeviceState()
    private var peer: PeerDraft?

    package init() {}

    /// Takes a message; gives every peer that is complete now to `complete`.
    ///
    /// - Parameter payload: all behind its header (``NetlinkReply/payload``).
    /// - Parameter fingerprint: what a pre-shared key is replaced by.
    package mutating func take(
        _ payload: UnsafeRawBufferPointer, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint,
        complete: (PeerState) throws(Refusal) -> Void
    ) throws(Refusal) {
        for attribute in Self.attributes(payload) {
            switch UInt32(attribute.type) {
            case WGDEVICE_A_PEERS.rawValue:
                for entry in attribute.nested {
                    // What has no key is no peer, and no part of the one before it.
                    guard let key = Self.key(entry.nested) else { continue }
                    if let former = begin(key) { try complete(former) }
                    fill(entry.nested, fingerprint)
                }
            default: takeSetting(attribute)
            }
        }
    }

    /// Takes the settings alone out of a message.
    package mutating func takeSettings(_ payload: UnsafeRawBufferPointer) {
        for attribute in Self.attributes(payload) { takeSetting(attribute) }
    }

    /// The last peer, now that no message follows.
    package mutating func finish() -> PeerState? {
        defer { peer = nil }
        return peer?.state
    }

    private static func attributes(_ payload: UnsafeRawBufferPointer) -> NetlinkAttributes {
        NetlinkReply(type: 0, payload: payload).attributes(after: genlmsghdr.self)
    }

    private mutating func takeSetting(_ attribute: NetlinkAttribute) {
        switch UInt32(attribute.type) {
        case WGDEVICE_A_PUBLIC_KEY.rawValue: device.publicKey = PublicKey(listed: attribute.payload)
        case WGDEVICE_A_LISTEN_PORT.rawValue:
            device.listenPort = attribute.integer(as: UInt16.self).flatMap { try? Port($0) }
        case WGDEVICE_A_FWMARK.rawValue: device.mark = FirewallMark(validated: attribute.integer() ?? 0)
        default: break
        }
    }

    /// Opens the peer that an entry is of; gives back the one before, unless the entry goes on with that.
    private mutating func begin(_ key: PublicKey) -> PeerState? {
        guard key != peer?.publicKey else { return nil }
        defer { peer = PeerDraft(key) }
        return peer?.state
    }

    private static func key(_ entry: NetlinkAttributes) -> PublicKey? {
        entry.first { UInt32($0.type) == WGPEER_A_PUBLIC_KEY.rawValue }.flatMap { PublicKey(listed: $0.payload) }
    }

    private mutating func fill(
        _ entry: NetlinkAttributes, _ fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint
    ) {
        for attribute in entry {
            switch UInt32(attribute.type) {
            case WGPEER_A_PRESHARED_KEY.rawValue:
                let secret = attribute.payload
                guard secret.count == Int(WG_KEY_LEN), secret.contains(where: { $0 != 0 }) else { continue }
                peer?.presharedKey = fingerprint(secret)
            case WGPEER_A_ENDPOINT.rawValue: peer?.endpoint = SocketAddress.endpoint(attribute.payload)
            case WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL.rawValue:
                peer?.keepalive = Keepalive(validated: attribute.integer() ?? 0)
            case WGPEER_A_LAST_HANDSHAKE_TIME.rawValue:
                // struct __kernel_timespec: seconds, nanoseconds, 8 bytes each.
                peer?.latestHandshake = UInt64(clamping: attribute.integer(as: Int64.self) ?? 0)
            case WGPEER_A_RX_BYTES.rawValue: peer?.received = attribute.integer() ?? 0
            case WGPEER_A_TX_BYTES.rawValue: peer?.sent = attribute.integer() ?? 0
            case WGPEER_A_ALLOWEDIPS.rawValue:
                for prefix in attribute.nested { Self.prefix(prefix.nested).map { peer?.add($0) } }
            default: continue
            }
        }
    }

    private static func prefix(_ entry: NetlinkAttributes) -> Prefix? {
        var address: IPAddress?
        var length: UInt8?
        for attribute in entry {
            switch UInt32(attribute.type) {
            case WGALLOWEDIP_A_IPADDR.rawValue: address = attribute.address
            case WGALLOWEDIP_A_CIDR_MASK.rawValue: length = attribute.integer()
            default: continue
            }
        }
        guard let address, let length, Int(length) <= address.family.width else { return nil }
        return Prefix(masking: address, length: Int(length))
    }
}
