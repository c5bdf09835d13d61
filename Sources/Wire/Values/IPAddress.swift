/// An IPv4 or IPv6 address, without a zone.
///
/// Text is read strictly: IPv4 as four decimal parts without leading zeros (RFC 6943, section 3.1.1, tells what the
/// lenient forms cost), IPv6 by RFC 4291, section 2.2; it is written as RFC 5952 recommends. An IPv4-mapped IPv6 address
/// is an IPv6 address here and equal to no IPv4 address.
public struct IPAddress: Sendable, Hashable {
    public enum Family: UInt8, Sendable, Hashable, CaseIterable {
        case v4 = 4
        case v6 = 6

        /// The bits of an address: 32 or 128.
        public var width: Int { self == .v4 ? 32 : 128 }

        /// The value of the address with all bits set.
        public var ones: UInt128 { self == .v4 ? UInt128(UInt32.max) : .max }
    }

    public let family: Family
    /// The address as a number, most significant byte first; below 2^32 for IPv4.
    public let bits: UInt128

    /// - Precondition: `bits` fits the family.
    public init(_ family: Family, bits: UInt128) {
        precondition(bits <= family.ones, "an IPv4 address has 32 bits")
        self.family = family
        self.bits = bits
    }

    /// The address from its bytes in network order: 4 or 16; nil for any other number.
    public init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: family = .v4
        case 16: family = .v6
        default: return nil
        }
        bits = bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// The bytes in network order: 4 or 16.
    public var bytes: [UInt8] {
        (0..<family.width / 8).reversed().map { UInt8(truncatingIfNeeded: bits >> UInt128($0 * 8)) }
    }

    // MARK: What kind of address it is

    /// `0.0.0.0` or `::`.
    public var isUnspecified: Bool { bits == 0 }

    /// 127.0.0.0/8 or ::1 (RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3).
    public var isLoopback: Bool { family == .v4 ? bits >> 24 == 127 : bits == 1 }

    /// 169.254.0.0/16 or fe80::/10 (RFC 3927; RFC 4291, section 2.5.6).
    public var isLinkLocal: Bool { family == .v4 ? bits >> 16 == 0xA9FE : bits >> 118 == 0x3FA }

    /// 224.0.0.0/4 or ff00::/8 (RFC 5771; RFC 4291, section 2.7).
    public var isMulticast: Bool { family == .v4 ? bits >> 28 == 0xE : bits >> 120 == 0xFF }

    /// 255.255.255.255 and the rest of 240.0.0.0/4, which no host may have (RFC 1112, section 4).
    public var isReserved: Bool { family == .v4 && bits >> 28 == 0xF }

    /// Whether one host can have it and send from it: neither unspecified nor multicast nor reserved.
    public var isUnicast: Bool { !isUnspecified && !isMulticast && !isReserved }
}

extension IPAddress: TextValue {
    public init(_ text: String) throws(ValueError) {
        let bits = text.utf8.contains(UInt8(ascii: ":")) ? Self.v6(text.utf8[...]) : Self.v4(text.utf8[...])
        guard let bits else {
            throw ValueError("must be an IPv4 or IPv6 address such as 192.0.2.1 or 2001:db8::1, not \(text.quoted)")
        }
        family = text.utf8.contains(UInt8(ascii: ":")) ? .v6 : .v4
        self.bits = bits
    }

    public var description: String {
        switch family {
        case .v4:
            let v4 = UInt32(truncatingIfNeeded: bits)
            return "\(v4 >> 24).\(v4 >> 16 & 255).\(v4 >> 8 & 255).\(v4 & 255)"
        case .v6: return Self.text(v6: bits)
        }
    }

    private static func v4(_ text: Substring.UTF8View) -> UInt128? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt128 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }),
                part.count == 1 || part.first != UInt8(ascii: "0"),
                let value = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            bits = bits << 8 | UInt128(value)
        }
        return bits
    }

    private static func v6(_ text: Substring.UTF8View) -> UInt128? {
        // At most one "::", which stands for at least one group of zeros.
        let all = Array(text)
        guard all.count <= 45 else { return nil }
        let colon = UInt8(ascii: ":")
        let gaps = all.indices.dropLast().filter { all[$0] == colon && all[$0 + 1] == colon }
        guard gaps.count <= 1 else { return nil }
        guard let gap = gaps.first else {
            guard let groups = groups(all[...]), groups.count == 8 else { return nil }
            return value(groups)
        }
        guard let head = groups(all[..<gap]), let tail = groups(all[(gap + 2)...]), head.count + tail.count <= 7,
            !all[..<gap].contains(UInt8(ascii: "."))
        else { return nil }
        return value(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func value(_ groups: [UInt16]) -> UInt128 { groups.reduce(0) { $0 << 16 | UInt128($1) } }

    /// The groups of one side of a "::"; nothing for no text. The last may be written as IPv4 and counts for two.
    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let word = String(decoding: part, as: UTF8.self)
            if part.contains(UInt8(ascii: ".")) {
                guard index == parts.count - 1, let v4 = v4(word.utf8[...]) else { return nil }
                groups.append(UInt16(truncatingIfNeeded: v4 >> 16))
                groups.append(UInt16(truncatingIfNeeded: v4))
            } else {
                guard (1...4).contains(part.count), word.allSatisfy(\.isHexDigit), let group = UInt16(word, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func text(v6 bits: UInt128) -> String {
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128(112 - 16 * $0)) }
        // The longest run of two or more zero groups, the first of equals (RFC 5952, section 4.2).
        var best = 0..<0
        var start: Int?
        for index in 0...8 {
            if index < 8, groups[index] == 0 {
                start = start ?? index
            } else if let first = start {
                if index - first >= 2, index - first > best.count { best = first..<index }
                start = nil
            }
        }
        func hex(_ slice: some Sequence<UInt16>) -> String {
            slice.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !best.isEmpty else { return hex(groups) }
        return hex(groups[..<best.lowerBound]) + "::" + hex(groups[best.upperBound...])
    }
}

extension String {
    /// The text in quotes for an error message: shortened, and with what does not print replaced.
    public var quoted: String {
        let shown = unicodeScalars.prefix(60).map { scalar -> String in
            scalar.isPrintable ? String(scalar) : "\u{FFFD}"
        }.joined()
        return "\"\(shown)\(unicodeScalars.count > 60 ? "…" : "")\""
    }
}

extension Unicode.Scalar {
    /// Neither a control character nor one that changes direction or does not show (general categories Cc, Cf, Cs, Co,
    /// Cn, Zl, Zp).
    public var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
