/// Hexadecimal digits, in either case (RFC 4648, section 8).
enum Base16 {
    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The number that the digits stand for; nil if one is none.
    static func number<Number: FixedWidthInteger>(_ digits: some Sequence<UInt8>) -> Number? {
        var number: Number = 0
        for byte in digits {
            guard let digit = digit(byte) else { return nil }
            number = number << 4 | Number(digit)
        }
        return number
    }
}
