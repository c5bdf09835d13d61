extension JSON {
    /// Writes the value behind what `bytes` holds already: UTF-8, no white space, members in their order.
    public func write(to bytes: Bytes) {
        switch self {
        case .null: bytes.append("null")
        case .bool(let value): value ? bytes.append("true") : bytes.append("false")
        case .integer(let value): bytes.append(String(value).utf8)
        case .number(let text): bytes.append(text.utf8)
        case .string(let string): string.withUTF8 { JSON.write($0, to: bytes) }
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(to: bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                var name = member.name
                name.withUTF8 { JSON.write(UnsafeRawBufferPointer($0), to: bytes) }
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// The value as UTF-8, in memory of its own that is wiped when it is given back.
    public var serialized: Bytes {
        let bytes = Bytes(capacity: 256)
        write(to: bytes)
        return bytes
    }

    private static func write(_ utf8: UnsafeRawBufferPointer, to bytes: Bytes) {
        bytes.append(UInt8(ascii: "\""))
        var plain = 0  // where the run of bytes that need no escape begins
        for (index, byte) in utf8.enumerated() {
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F else {
                continue
            }
            bytes.append(UnsafeRawBufferPointer(rebasing: utf8[plain..<index]))
            plain = index + 1
            bytes.append(UInt8(ascii: "\\"))
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
            case 0x0A: bytes.append(UInt8(ascii: "n"))
            case 0x0D: bytes.append(UInt8(ascii: "r"))
            case 0x09: bytes.append(UInt8(ascii: "t"))
            default:
                bytes.append("u00")
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
        }
        bytes.append(UnsafeRawBufferPointer(rebasing: utf8[plain...]))
        bytes.append(UInt8(ascii: "\""))
    }
}
