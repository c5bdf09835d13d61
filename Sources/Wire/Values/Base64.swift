/// Base 64 with padding (RFC 4648, section 4), read strictly: no white space, no missing padding, no stray bits.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Appends the text of `input` to `text`.
    public static func encode(_ input: UnsafeRawBufferPointer, to text: Bytes) {
        let length = (input.count + 2) / 3 * 4
        alphabet.withUnsafeBufferPointer { alphabet in
            text.append(upTo: length) { room in
                var read = 0
                var write = 0
                while read < input.count {
                    let rest = input.count - read
                    let group =
                        UInt32(input[read]) << 16 | (rest > 1 ? UInt32(input[read + 1]) << 8 : 0)
                        | (rest > 2 ? UInt32(input[read + 2]) : 0)
                    room[write] = alphabet[Int(group >> 18)]
                    room[write + 1] = alphabet[Int(group >> 12 & 63)]
                    room[write + 2] = rest > 1 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "=")
                    room[write + 3] = rest > 2 ? alphabet[Int(group & 63)] : UInt8(ascii: "=")
                    read += 3
                    write += 4
                }
                return write
            }
        }
    }

    /// The text of some bytes that are no secret.
    static func text(_ bytes: [UInt8]) -> JSONString {
        let text = Bytes(capacity: (bytes.count + 2) / 3 * 4)
        bytes.withUnsafeBytes { encode($0, to: text) }
        return JSONString(text)
    }

    /// The bytes that `text` stands for, or nil if it is not base 64 as we take it.
    public static func decode(_ text: UnsafeRawBufferPointer) -> Bytes? {
        guard text.count % 4 == 0 else { return nil }
        let bytes = Bytes(capacity: text.count / 4 * 3)
        var index = 0
        while index < text.count {
            let last = index + 4 == text.count
            let padding =
                !last || text[index + 3] != UInt8(ascii: "=") ? 0 : text[index + 2] == UInt8(ascii: "=") ? 2 : 1
            var group: UInt32 = 0
            for offset in 0..<4 {
                guard offset < 4 - padding else {
                    group <<= 6
                    continue
                }
                guard let digit = digit(text[index + offset]) else { return nil }
                group = group << 6 | UInt32(digit)
            }
            // Bits behind the last byte must be zero, or two texts would stand for the same bytes.
            guard padding == 0 || group & (padding == 1 ? 0xFF : 0xFFFF) == 0 else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: group >> 16))
            if padding < 2 { bytes.append(UInt8(truncatingIfNeeded: group >> 8)) }
            if padding < 1 { bytes.append(UInt8(truncatingIfNeeded: group)) }
            index += 4
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
