/// The header that has an answer saved as a file (RFC 6266).
enum ContentDisposition {
    /// `attachment` with the file's name.
    ///
    /// `fallback` is the name in characters that are safe everywhere, in quotes. A `name` with others is given too, as
    /// `filename*` (RFC 8187), which every browser prefers; what would lead out of a folder or hide the file is
    /// replaced by a hyphen in it.
    static func attachment(name: String, fallback: String) -> String {
        let plain = "attachment; filename=\"\(fallback)\""
        guard !name.utf8.allSatisfy(isSafe) else { return plain }
        var encoded = ""
        for (index, byte) in name.utf8.enumerated() {
            let isUnfit = byte < 0x20 || byte == 0x7F || "/\\".utf8.contains(byte) || (index == 0 && byte == 0x2E)
            let byte = isUnfit ? UInt8(ascii: "-") : byte
            if isSafe(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return "\(plain); filename*=UTF-8''\(encoded)"
    }

    /// A letter, a digit or one of `-._`: part of `attr-char`, and of file names anywhere.
    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
