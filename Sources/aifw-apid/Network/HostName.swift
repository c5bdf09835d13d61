import Wire

/// A host name or search domain: labels of letters, digits and inner hyphens (RFC 1123, section 2.1), 253 bytes at most,
/// the last label not all digits, so that no mistyped IPv4 address passes for a name. No trailing dot.
struct HostName: TextValue {
    let description: String

    init(_ text: String) throws(ValueError) {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...253).contains(text.utf8.count), labels.allSatisfy(Self.isLabel) else { throw Self.wrong(text) }
        guard let last = labels.last, !last.allSatisfy({ (0x30...0x39).contains($0) }) else { throw Self.wrong(text) }
        description = text
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
            && label.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == hyphen
            }
    }

    private static func wrong(_ text: String) -> ValueError {
        ValueError("must be an address or a host name of letters, digits, hyphens and dots, not \(text.quoted)")
    }
}
