/// The id of a tunnel, peer or association: a UUID (RFC 9562), written in lower case.
public struct ObjectID: TextValue {
    public let bits: UInt128

    public init(bits: UInt128) { self.bits = bits }

    /// A new random id (version 4).
    public static func random() -> ObjectID {
        let random = UInt128.random(in: 0...UInt128.max)
        let version = random & ~(UInt128(0xF) << 76) | UInt128(4) << 76
        return ObjectID(bits: version & ~(UInt128(3) << 62) | UInt128(2) << 62)
    }

    /// Reads the 36-character form; upper case is taken, braces and a missing hyphen are not.
    public init(_ text: String) throws(ValueError) {
        var bits: UInt128 = 0
        guard text.utf8.count == 36 else { throw Self.wrong }
        for (index, byte) in text.utf8.enumerated() {
            switch (index, byte) {
            case (8, UInt8(ascii: "-")), (13, UInt8(ascii: "-")), (18, UInt8(ascii: "-")), (23, UInt8(ascii: "-")):
                continue
            case (8, _), (13, _), (18, _), (23, _): throw Self.wrong
            case (_, _):
                guard let digit = Base16.digit(byte) else { throw Self.wrong }
                bits = bits << 4 | UInt128(digit)
            }
        }
        self.bits = bits
    }

    /// The 16 bytes in network order.
    public var bytes: [UInt8] { (0..<16).reversed().map { UInt8(truncatingIfNeeded: bits >> UInt128($0 * 8)) } }

    public var description: String {
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { text += "-" }
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return text
    }

    private static let wrong = ValueError("must be a UUID such as 5ad0f1e2-7b55-4c33-9d2c-0b8f3f1f5a10")
}
