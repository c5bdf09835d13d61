import Wire

/// Which addresses deliveries may go to: what the setting `webhook-networks` lists, or what holds without it.
///
/// Without a list, everything but what is special: this host itself by any of its addresses, its links, multicast, and where
/// a cloud keeps the secrets of a machine. With one, only what is in it; and a network that is wider than a special one
/// (0.0.0.0/0) does not name that: 127.0.0.0/8 and 169.254.10.0/24 have to be said.
struct WebhookNetworks: Sendable, Equatable {
    /// Nil without the setting.
    let listed: [Prefix]?

    static let standard = WebhookNetworks(listed: nil)

    /// Why nothing is sent to an address, in words that follow it; nil if it may be.
    ///
    /// - Parameter isOwn: whether an address is one of this host's. What goes to it passes no packet filter as from outside.
    func objection(to address: IPAddress, isOwn: (IPAddress) -> Bool = HostAddresses.contain) -> String? {
        // A socket of IPv6 sends to a mapped one by IPv4.
        let address = Self.unmapped(address)
        if let listed, !listed.contains(where: { $0.contains(address) }) {
            return "is in none of the networks that the setting webhook-networks has"
        }
        guard address.isUnicast else { return "is an address that no one host can have" }
        for meant in [address] + Self.embedded(in: address) {
            guard let (special, meaning) = Self.special(meant, isOwn), !isNamed(meant, within: special) else {
                continue
            }
            return "is \(meaning), and not in the setting webhook-networks by itself"
        }
        return nil
    }

    private func isNamed(_ address: IPAddress, within special: Prefix) -> Bool {
        listed?.contains { special.contains($0) && $0.contains(address) } ?? false
    }

    private static func special(
        _ address: IPAddress, _ isOwn: (IPAddress) -> Bool
    ) -> (network: Prefix, meaning: String)? {
        if metadata.contains(address) { return (Prefix(host: address), "where a cloud tells a machine its secrets") }
        if let network = SpecialNetworks.network(of: address) { return network }
        return isOwn(address) ? (Prefix(host: address), "an address of this host") : nil
    }

    /// Those of large clouds that are not link-local: of Azure, Alibaba, AWS and Google.
    private static let metadata: Set<IPAddress> = [
        IPAddress(.v4, bits: 0xA83F_8110), IPAddress(.v4, bits: 0x6464_64C8),
        IPAddress(.v6, bits: 0xFD00_0EC2 << 96 | 0x254), IPAddress(.v6, bits: 0xFD20_00CE << 96 | 0x254),
    ]

    private static func unmapped(_ address: IPAddress) -> IPAddress {
        address.family == .v6 && address.bits >> 32 == 0xFFFF
            ? IPAddress(.v4, bits: address.bits & 0xFFFF_FFFF) : address
    }

    /// The IPv4 address that a translator or a relay would send to in its place: NAT64 (RFC 6052), 6to4 (RFC 3056),
    /// IPv4-compatible (RFC 4291, section 2.5.5.1).
    private static func embedded(in address: IPAddress) -> [IPAddress] {
        guard address.family == .v6, address.bits > 1 else { return [] }
        let bits = address.bits
        return switch (bits >> 112, bits >> 32) {
        case (0x2002, _): [IPAddress(.v4, bits: bits >> 80 & 0xFFFF_FFFF)]
        case (_, 0x0064_FF9B << 64), (_, 0): [IPAddress(.v4, bits: bits & 0xFFFF_FFFF)]
        default: []
        }
    }
}
