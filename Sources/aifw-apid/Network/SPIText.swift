import Wire

/// A security parameters index as a request may write it: a number, or text in decimal or, with `0x` before it, in
/// hexadecimal, as ip-xfrm(8) and setkey(8) take it.
struct SPIText: WireValue, Equatable {
    let spi: SPI

    init(json: JSON) throws(ValueError) {
        guard let number = try Self.number(json), let value = UInt32(exactly: number), SPI.range.contains(value) else {
            throw ValueError("must be from 256 to 4294967295; 0 to 255 are reserved (RFC 4303, section 2.1)")
        }
        spi = SPI(validated: value)
    }

    var json: JSON { spi.json }

    /// Nil if it is too large for any number of ours.
    private static func number(_ json: JSON) throws(ValueError) -> Int64? {
        if let number = json.integer { return number }
        guard let text = json.text else {
            throw ValueError("must be a whole number, or such a number as 0x text, not \(json.kind)")
        }
        let isHexadecimal = text.hasPrefix("0x") || text.hasPrefix("0X")
        let digits = isHexadecimal ? text.dropFirst(2) : text[...]
        let isDigits = digits.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): isHexadecimal
            default: false
            }
        }
        guard !digits.isEmpty, isDigits else {
            throw ValueError("must be a whole number, or such a number as 0x text, not \(text.quoted)")
        }
        return Int64(digits, radix: isHexadecimal ? 16 : 10)
    }
}
