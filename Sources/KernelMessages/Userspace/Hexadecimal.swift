internal import Wire

/// Hexadecimal as UAPI writes keys: lower case, in memory that is wiped rather than in a `String`.
enum Hexadecimal {
    /// The digit of a value from 0 to 15.
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Fills `bytes` with what `text` stands for; false if that is not hexadecimal, or not of that many bytes.
    static func decode(_ text: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        guard text.count == bytes.count * 2 else { return false }
        for index in bytes.indices {
            guard let high = value(text[index * 2]), let low = value(text[index * 2 + 1]) else { return false }
            bytes[index] = high << 4 | low
        }
        return true
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

extension PublicKey {
    /// The key in hexadecimal; nil if it is none.
    init?(hexadecimal text: UnsafeRawBufferPointer) {
        var valid = false
        let bytes = [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            valid = Hexadecimal.decode(
                text, into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<32]))
            count = valid ? 32 : 0
        }
        guard valid else { return nil }
        self.init(listed: bytes)
    }
}

extension SecretKey {
    /// The key in hexadecimal; nil if it is none.
    init?(hexadecimal text: UnsafeRawBufferPointer) {
        let bytes = Bytes(capacity: 32)
        bytes.append(upTo: 32) { Hexadecimal.decode(text, into: $0) ? 32 : 0 }
        self.init(bytes)
    }
}
