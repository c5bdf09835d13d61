import Wire

/// A key as a request gives it: hexadecimal digits in either case, with or without `0x` before them, as other tools have it.
///
/// It goes from the body's memory, which is wiped, into memory that is wiped; no `String` is made of it and no error quotes
/// it. How long it must be is said by the algorithm.
struct HexKey: Sendable {
    private let bytes: Bytes

    init(json: JSON) throws(ValueError) {
        guard case .string(let text) = json else { throw ValueError("must be a string, not \(json.kind)") }
        bytes = try text.withUTF8 { (digits) throws(ValueError) in try Self.decode(digits) }
        // All bytes are looked at, always.
        guard bytes.withUnsafeBytes({ $0.reduce(0, |) }) != 0 else {
            throw ValueError("must not be the key of all zeros")
        }
    }

    /// How many bytes it has.
    var count: Int { bytes.count }

    /// Nil if it is longer or shorter than any key.
    var secret: Secret? { Secret(bytes) }

    private static func decode(_ text: UnsafeRawBufferPointer) throws(ValueError) -> Bytes {
        let isPrefixed = text.count >= 2 && text[0] == UInt8(ascii: "0") && text[1] | 0x20 == UInt8(ascii: "x")
        let digits = UnsafeRawBufferPointer(rebasing: text.dropFirst(isPrefixed ? 2 : 0))
        guard !digits.isEmpty, digits.count % 2 == 0 else {
            throw ValueError("must be a key in hexadecimal, two digits for each byte")
        }
        let bytes = Bytes(capacity: digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digit(digits[index]), let low = digit(digits[index + 1]) else {
                throw ValueError("must be a key in hexadecimal, digits 0 to 9 and a to f only")
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension HexKey: CustomStringConvertible, CustomReflectable {
    var description: String { "(secret)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension Bytes {
    /// Appends a secret in hexadecimal, digit by digit, so that no other memory ever has them.
    func append(hexadecimal secret: Secret) {
        func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }
        secret.withUnsafeBytes { bytes in
            for byte in bytes {
                append(digit(byte >> 4))
                append(digit(byte & 15))
            }
        }
    }
}
