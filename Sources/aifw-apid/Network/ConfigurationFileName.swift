import Wire

/// The name under which a client's configuration is saved: `laptop.conf`.
///
/// wg-quick(8) takes the name for the interface's: 1 to 15 of `a-z A-Z 0-9 _ = + . -` before `.conf`. What is not among
/// them becomes a hyphen; a name that keeps nothing is called `peer`.
struct ConfigurationFileName: Sendable, Equatable, CustomStringConvertible {
    /// Without `.conf`.
    let stem: String

    init(_ name: ObjectName) {
        var kept: [UInt8] = []
        for scalar in name.description.unicodeScalars {
            if let byte = Self.safe(scalar) {
                kept.append(byte)
            } else if kept.last != UInt8(ascii: "-") {
                kept.append(UInt8(ascii: "-"))
            }
        }
        // A hyphen in front would be taken for an option, a dot would hide the file.
        let outer: (UInt8) -> Bool = { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
        var short = kept.drop(while: outer).prefix(15)
        while let last = short.last, outer(last) { short.removeLast() }
        stem = short.isEmpty ? "peer" : String(decoding: short, as: UTF8.self)
    }

    var description: String { stem + ".conf" }

    private static func safe(_ scalar: Unicode.Scalar) -> UInt8? {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "=", "+", ".", "-": UInt8(ascii: scalar)
        default: nil
        }
    }
}
