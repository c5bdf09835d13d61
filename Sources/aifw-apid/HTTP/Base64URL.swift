import Wire

/// Base 64 with the alphabet for URLs and without padding (RFC 4648, section 5), read strictly.
enum Base64URL {
    static func encode(_ bytes: [UInt8]) -> String {
        let text = Bytes(capacity: bytes.count * 4 / 3 + 4)
        bytes.withUnsafeBytes { Base64.encode($0, to: text) }
        return String(
            JSONString(text).text.prefix { $0 != "=" }.map { character in
                switch character {
                case "+": "-"
                case "/": "_"
                default: character
                }
            })
    }

    /// The bytes that `text` stands for; nil if it is not base64url.
    static func decode(_ text: Substring) -> [UInt8]? {
        var standard: [UInt8] = []
        standard.reserveCapacity(text.utf8.count + 3)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "-"): standard.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): standard.append(UInt8(ascii: "/"))
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: standard.append(byte)
            }
        }
        while standard.count % 4 != 0 { standard.append(UInt8(ascii: "=")) }
        return standard.withUnsafeBytes { Base64.decode($0) }.map { $0.withUnsafeBytes { Array($0) } }
    }
}
