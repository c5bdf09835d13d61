/// A network: an address whose bits behind the prefix length are zero, such as `10.0.0.0/24` or `2001:db8::/32`.
public struct Prefix: Sendable, Hashable {
    public let address: IPAddress
    /// The number of leading bits that count: 0…32 or 0…128.
    public let length: Int

    /// The network that `address` lies in: its bits behind `length` are cleared.
    ///
    /// - Precondition: `length` is from 0 to the width of the family.
    public init(masking address: IPAddress, length: Int) {
        precondition((0...address.family.width).contains(length), "prefix length out of range")
        self.length = length
        self.address = IPAddress(address.family, bits: address.bits & Self.mask(address.family, length))
    }

    /// The prefix of that one address: /32 or /128.
    public init(host address: IPAddress) {
        self.address = address
        length = address.family.width
    }

    public var family: IPAddress.Family { address.family }

    /// Whether it is one address: /32 or /128.
    public var isHost: Bool { length == family.width }

    /// The highest address in it; the broadcast address of an IPv4 network of /30 or wider.
    public var last: IPAddress {
        IPAddress(family, bits: address.bits | (family.ones & ~Self.mask(family, length)))
    }

    public func contains(_ other: IPAddress) -> Bool {
        other.family == family && other.bits & Self.mask(family, length) == address.bits
    }

    public func contains(_ other: Prefix) -> Bool { other.length >= length && contains(other.address) }

    public func overlaps(_ other: Prefix) -> Bool { contains(other) || other.contains(self) }

    /// The mask of `length` leading ones, as a number of the family's width.
    static func mask(_ family: IPAddress.Family, _ length: Int) -> UInt128 {
        length == 0 ? 0 : family.ones & ~(length == family.width ? 0 : family.ones >> UInt128(length))
    }
}

extension Prefix: TextValue {
    /// Reads `address/length`, or a bare address as the prefix of that one address.
    ///
    /// Bits set behind the length are refused with what was probably meant: `10.0.0.5/24` may be the network or the host.
    public init(_ text: String) throws(ValueError) {
        let parsed = try InterfaceAddress(text, bareLength: { $0.width })
        let network = Prefix(masking: parsed.address, length: parsed.length)
        guard network.address == parsed.address else {
            throw ValueError(
                "has bits set behind its length: \(text); \(network) or \(Prefix(host: parsed.address)) was probably meant"
            )
        }
        self = network
    }

    public var description: String { "\(address)/\(length)" }
}

/// An address with the length of the network it is in, such as `10.0.0.1/24`: what an interface is given.
public struct InterfaceAddress: Sendable, Hashable {
    public let address: IPAddress
    /// 0…32 or 0…128.
    public let length: Int

    /// - Precondition: `length` is from 0 to the width of the family.
    public init(_ address: IPAddress, length: Int) {
        precondition((0...address.family.width).contains(length), "prefix length out of range")
        self.address = address
        self.length = length
    }

    /// The network it is in.
    public var network: Prefix { Prefix(masking: address, length: length) }

    init(_ text: String, bareLength: ((IPAddress.Family) -> Int)?) throws(ValueError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let address = try IPAddress(String(parts[0]))
        let length: Int
        if parts.count == 2 {
            let digits = parts[1].utf8
            guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
                digits.count == 1 || digits.first != UInt8(ascii: "0"), let value = Int(parts[1]),
                value <= address.family.width
            else {
                throw ValueError(
                    "must have a length from 0 to \(address.family.width) behind the slash: \(text.quoted)")
            }
            length = value
        } else if let bareLength {
            length = bareLength(address.family)
        } else {
            throw ValueError("must have a prefix length, such as \(address)/\(address.family == .v4 ? 24 : 64)")
        }
        self.init(address, length: length)
    }
}

extension InterfaceAddress: TextValue {
    public init(_ text: String) throws(ValueError) { try self.init(text, bareLength: nil) }

    public var description: String { "\(address)/\(length)" }
}
