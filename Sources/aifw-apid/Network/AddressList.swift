import Wire

/// The addresses of a tunnel's own interface: one or several, IPv4 and IPv6, each with the length of its network.
///
/// Each is a host's, not the network or broadcast address of its own network; no two of its networks overlap. Whether the
/// helper takes them is another question (``NetworkRules``). /31 (RFC 3021), /32, /127 (RFC 6164) and /128 have neither network nor broadcast address.
struct AddressList: CommaListValue {
    static let limit = ApplyTunnel.addressLimit
    static let noun = "address"

    let elements: [InterfaceAddress]

    init(checking elements: [InterfaceAddress]) throws(ValueError) {
        for element in elements { try Self.check(element) }
        for (index, element) in elements.enumerated() {
            guard let other = elements[..<index].first(where: { $0.network.overlaps(element.network) }) else {
                continue
            }
            guard other != element else { throw ValueError("has \(element) twice") }
            throw ValueError("has networks that overlap: \(other) and \(element)")
        }
        self.elements = elements
    }

    /// The networks, in the order of the addresses.
    var networks: [Prefix] { elements.map(\.network) }

    /// The addresses without their lengths.
    var addresses: [IPAddress] { elements.map(\.address) }

    /// The families, the first address' family first.
    var families: [IPAddress.Family] {
        elements.reduce(into: []) { families, element in
            if !families.contains(element.address.family) { families.append(element.address.family) }
        }
    }

    /// The MTU that the addresses ask for at least: 1280 with IPv6 (RFC 8200, section 5), else 576.
    var minimumMTU: UInt16 { families.contains(.v6) ? 1280 : MTU.range.lowerBound }

    private static func check(_ element: InterfaceAddress) throws(ValueError) {
        let address = element.address
        guard address.isUnicast else { throw ValueError("must be a unicast address, not \(element)") }
        let network = element.network
        let width = address.family.width
        guard element.length < width - 1 else { return }
        guard address != network.address else {
            let first = InterfaceAddress(IPAddress(address.family, bits: address.bits + 1), length: element.length)
            throw ValueError(
                address.family == .v4
                    ? "must be a host's address, but \(element) is its network's; probably \(first) was meant"
                    : "must be a host's address, but \(element) is its network's anycast address (RFC 4291, section 2.6.1);"
                        + " probably \(first) was meant")
        }
        guard address.family == .v6 || address != network.last else {
            throw ValueError("must be a host's address, but \(element) is its network's broadcast address")
        }
    }
}
