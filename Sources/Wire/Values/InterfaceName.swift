/// The name of any network interface: 1 to 15 bytes (`IFNAMSIZ` of linux/if.h less its NUL), of letters, digits, and
/// `. _ - @`, so that it can stand in a rule or a command as it is.
public struct InterfaceName: TextValue {
    public let description: String

    public init(_ text: String) throws(ValueError) {
        guard (1...15).contains(text.utf8.count), text != ".", text != "..",
            text.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
                    UInt8(ascii: "@"):
                    true
                default: false
                }
            })
        else {
            throw ValueError("must be an interface name of 1 to 15 letters, digits and . _ - @, not \(text.quoted)")
        }
        description = text
    }
}

/// The name of a tunnel's interface: `wg0` to `wg9999`. The helper touches no other.
public struct TunnelInterface: TextValue {
    /// The number behind `wg`: 0…9999.
    public let number: Int

    public static let count = 10_000

    public init(_ text: String) throws(ValueError) {
        let digits = text.utf8.dropFirst(2)
        guard (1...4).contains(digits.count), text.hasPrefix("wg"), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.count == 1 || digits.first != UInt8(ascii: "0"), let number = Int(text.dropFirst(2))
        else { throw ValueError("must be wg0 to wg9999, not \(text.quoted)") }
        self.number = number
    }

    public init(number: Int) throws(ValueError) {
        guard (0..<Self.count).contains(number) else { throw ValueError("must be wg0 to wg9999") }
        self.number = number
    }

    public var description: String { "wg\(number)" }
}
