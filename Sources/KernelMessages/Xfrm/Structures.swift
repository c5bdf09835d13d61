internal import CLinux
internal import Glibc
internal import Wire

extension xfrm_address_t {
    /// Writes an address; of one of IPv4 the other 12 bytes stay as they are.
    mutating func set(_ address: IPAddress) {
        withUnsafeMutableBytes(of: &self) { $0.copyBytes(from: address.bytes) }
    }

    func address(_ family: IPAddress.Family) -> IPAddress {
        withUnsafeBytes(of: self) { bytes in
            IPAddress(family, bits: bytes.prefix(family.width / 8).reduce(0) { $0 << 8 | UInt128($1) })
        }
    }
}

extension IPAddress.Family {
    /// Nil if it is neither `AF_INET` nor `AF_INET6`.
    init?(_ number: UInt16) {
        guard let family = Self.allCases.first(where: { $0.number == Int32(number) }) else { return nil }
        self = family
    }
}

extension xfrm_selector {
    /// Writes that the two networks are chosen, whatever the protocol and ports.
    mutating func set(source: Prefix, destination: Prefix) {
        daddr.set(destination.address)
        saddr.set(source.address)
        family = UInt16(source.family.number)
        prefixlen_d = UInt8(destination.length)
        prefixlen_s = UInt8(source.length)
    }

    /// The networks that are chosen; nil if that is not all that it chooses by, or they are none.
    var networks: (source: Prefix, destination: Prefix)? {
        guard hasNetworksOnly, let family = IPAddress.Family(family),
            let source = Self.network(saddr.address(family), prefixlen_s),
            let destination = Self.network(daddr.address(family), prefixlen_d)
        else { return nil }
        return (source, destination)
    }

    /// Whether no packet is left out for its protocol, ports, interface or user.
    private var hasNetworksOnly: Bool {
        dport | dport_mask | sport | sport_mask == 0 && proto == 0 && ifindex == 0 && user == 0
    }

    /// Whether every packet of the family is chosen, or of any family for `AF_UNSPEC`.
    func choosesAll(_ family: Int32) -> Bool {
        hasNetworksOnly && prefixlen_d == 0 && prefixlen_s == 0 && self.family == UInt16(family)
    }

    private static func network(_ address: IPAddress, _ length: UInt8) -> Prefix? {
        guard Int(length) <= address.family.width else { return nil }
        let network = Prefix(masking: address, length: Int(length))
        return network.address == address ? network : nil
    }
}

extension xfrm_lifetime_cfg {
    /// Writes that it lasts until it is removed: no limit of bytes and packets, and none of time (0).
    mutating func setUnlimited() {
        (soft_byte_limit, hard_byte_limit) = (.max, .max)
        (soft_packet_limit, hard_packet_limit) = (.max, .max)
    }

    var isUnlimited: Bool {
        [soft_byte_limit, hard_byte_limit, soft_packet_limit, hard_packet_limit].allSatisfy { $0 == .max }
            && soft_add_expires_seconds | hard_add_expires_seconds == 0
            && soft_use_expires_seconds | hard_use_expires_seconds == 0
    }
}

extension IPsecMode {
    /// `XFRM_MODE_…`.
    var number: UInt8 { UInt8(self == .tunnel ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT) }

    /// Nil if it is another mode.
    init?(number: UInt8) {
        guard let mode = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = mode
    }
}

extension IPsecProtocol {
    /// Nil if it is another protocol.
    init?(number: UInt8) {
        guard let found = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = found
    }
}
