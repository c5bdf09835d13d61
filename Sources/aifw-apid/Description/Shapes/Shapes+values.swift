import Wire

/// The values that objects are made of.
///
/// Where a rule is beyond a pattern (host bits, networks of the host, what others have), the pattern says which characters
/// there are, and the description the rest.
extension Shapes {
    static let values: [Named] = [
        ("Id", .text.format("uuid").pattern("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")),
        ("Time", .text.format("date-time").described("A time of RFC 3339; answers have it in UTC, ending in `Z`.")),
        (
            "Name",
            .text.length(1...64).pattern("^\(edge)([^\(controls)]*\(edge))?$").described(
                "1 to 64 printable characters, none that controls or changes direction, no white space around them.")
        ),
        ("WireGuardKey", key.described("32 bytes in base 64, not all of them zero.")),
        (
            "TunnelInterface",
            .text.pattern("^wg(0|[1-9][0-9]{0,3})$").described("`wg0` to `wg9999`.").example("wg0")
        ),
        ("Port", .whole(1...65535)),
        (
            "InterfaceAddresses",
            .text.pattern(#"^[0-9A-Fa-f.:/, \t]+$"#).described(
                """
                Addresses of an interface, each with the length of its network, IPv4 or IPv6, with commas between them: \
                `10.0.0.1/24, fd00::1/64`. Each is a host's address, and no two networks overlap.
                """
            ).example("10.0.0.1/24")
        ),
        (
            "Prefix",
            .text.pattern(#"^[0-9A-Fa-f.:/ \t]+$"#).described(
                "A network without bits behind its length, such as `10.0.0.0/24`; a bare address is /32 or /128."
            ).example("10.0.0.0/24")
        ),
        (
            "Endpoint",
            .text.length(1...300).pattern(#"^[0-9A-Za-z.:\[\]-]+$"#).described(
                "A host name or an address, with a port or without: `vpn.example.org:51820`, `[2001:db8::1]:51820`."
            ).example("vpn.example.org:51820")
        ),
        (
            "Address",
            Shape.any(of: [.text.format("ipv4"), .text.format("ipv6")]).described("An IPv4 or IPv6 address.")
        ),
        (
            "SPI",
            .whole(256...4_294_967_295).described("A security parameters index; 0 to 255 are reserved (RFC 4303).")
        ),
        (
            "HexKey",
            .text.pattern("^(0[xX])?([0-9A-Fa-f]{2})+$").described(
                "A key in hexadecimal; for GCM and ChaCha with its salt of 4 bytes at the end.")
        ),
        ("State", .words(["up", "down", "error"]).described("What the kernel says now.")),
    ]

    /// Of the characters that a name may not have, those that have a place of their own; the others are too scattered.
    private static let controls = #"\u0000-\u001F\u007F-\u009F\u2028-\u202E"#
    /// How a name begins and ends.
    private static let edge = "[^\\s\(controls)]"

    static let key = Shape.text.pattern("^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$").except(
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")

    /// `""` clears what `null` clears.
    static let empty = Shape.constant("")

    /// A list that is taken as an array and as one string with commas.
    static func commaList(_ element: Shape, _ characters: String, atMost limit: Int64) -> Shape {
        .any(of: [
            .list(of: element, count: 1...limit), .text.pattern("^[, \\t\(characters)]+$"),
        ])
    }

    static let prefixes = commaList(.named("Prefix"), "0-9A-Fa-f.:/", atMost: 256)

    /// As answers write such a list: with commas.
    static func written(_ details: String) -> Shape { Shape.text.notEmpty.orNull.described(details) }

    /// A number, or the same as text in decimal or, with `0x` before it, in hexadecimal.
    static func number(_ range: ClosedRange<Int64>, decimal: String, hexadecimal: String) -> Shape {
        .any(of: [
            .whole(range), .text.pattern("^0*(\(decimal))$"), .text.pattern("^0[xX]0*\(hexadecimal)$"),
        ])
    }

    /// Decimal digits of 1000000000 to 4294967295.
    static let tenDigits = """
        [1-3][0-9]{9}|4[01][0-9]{8}|42[0-8][0-9]{7}|429[0-3][0-9]{6}|4294[0-8][0-9]{5}|42949[0-5][0-9]{4}\
        |429496[0-6][0-9]{3}|4294967[01][0-9]{2}|42949672[0-8][0-9]|429496729[0-5]
        """
}
