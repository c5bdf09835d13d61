internal import Wire

/// Hexadecimal as UAPI writes keys: lower case, in memory that is wiped rather than in a `String`.
enum Hexadecimal {
    /// The digit of a value from 0 to 15.
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The bytes that `text` stands for; nil if it is not hexadecimal, or not of that many bytes.
    static func decode(_ text: UnsafeRawBufferPointer, count: Int) -> Bytes? {
        guard text.count == count * 2 else { return nil }
        let bytes = Bytes(capacity: count)
        for index in 0..<count {
            guard let high = value(text[index * 2]), let low = value(text[index * 2 + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
