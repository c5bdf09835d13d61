import Wire

/// The public keys whose base 64 begins with a text, as a range of their bytes: an index finds them.
struct KeyRange {
    /// 32 bytes each.
    let first: [UInt8]
    let last: [UInt8]

    /// Nil if no key begins so.
    init?(prefix: String) {
        // The text is filled up with the lowest and with the highest digit to the length of a key's.
        let digits = prefix.utf8.prefix { $0 != UInt8(ascii: "=") }
        let padding = prefix.utf8.count - digits.count
        guard !digits.isEmpty, digits.count <= 43, padding <= (digits.count == 43 ? 1 : 0),
            let first = Self.key(digits, filledWith: UInt8(ascii: "A")),
            let last = Self.key(digits, filledWith: UInt8(ascii: "/"))
        else { return nil }
        self.first = first
        self.last = last
    }

    private static func key(_ digits: Substring.UTF8View, filledWith digit: UInt8) -> [UInt8]? {
        // 44 digits without padding stand for 33 bytes, of which a key has the first 32.
        let text = Array(digits) + Array(repeating: digit, count: 44 - digits.count)
        guard let bytes = text.withUnsafeBytes({ Base64.decode($0) }), bytes.count == 33 else { return nil }
        return bytes.withUnsafeBytes { Array($0.prefix(32)) }
    }
}
