/// Networks with a meaning that no tunnel may take over, each with what it is and who says so.
public enum SpecialNetworks {
    /// The special network that an address is in, with what it is; nil if it is in none.
    public static func network(of address: IPAddress) -> (network: Prefix, meaning: String)? {
        all.first { $0.0.contains(address) }
    }

    /// Why a network may not be used that has any part in a special one.
    static func objection(toOverlapOf network: Prefix, shown: String) -> String? {
        guard let (special, meaning) = all.first(where: { $0.0.overlaps(network) }) else { return nil }
        return "must not overlap \(special), \(meaning): \(shown)"
    }

    /// Why a network may not be used that lies wholly in a special one.
    static func objection(toPartOf network: Prefix, shown: String) -> String? {
        guard let (special, meaning) = all.first(where: { $0.0.contains(network) }) else { return nil }
        return "must not lie within \(special), \(meaning): \(shown)"
    }

    static let mapped = network(.v6, 0xFFFF << 32, 96)

    private static let all: [(Prefix, String)] = [
        (network(.v4, 0, 8), "this host (RFC 1122)"),
        (network(.v4, 127 << 24, 8), "loopback (RFC 1122)"),
        (network(.v4, 0xA9FE << 16, 16), "link-local (RFC 3927)"),
        (network(.v4, 0xE << 28, 4), "multicast (RFC 5771)"),
        (network(.v4, 0xF << 28, 4), "reserved (RFC 1112)"),
        (network(.v6, 0, 127), "the unspecified and the loopback address (RFC 4291)"),
        (mapped, "IPv4-mapped (RFC 4291)"),
        (network(.v6, 0x3FA << 118, 10), "link-local (RFC 4291)"),
        (network(.v6, 0xFF << 120, 8), "multicast (RFC 4291)"),
    ]

    private static func network(_ family: IPAddress.Family, _ bits: UInt128, _ length: Int) -> Prefix {
        Prefix(masking: IPAddress(family, bits: bits), length: length)
    }
}
