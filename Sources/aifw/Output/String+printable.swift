extension String {
    /// The text with everything that could steer a terminal or change the order of what is shown written as `\u{…}`:
    /// control characters (C0, DEL, C1), line and paragraph separators, and Unicode's direction controls (UAX 9).
    ///
    /// Names are typed by users, and what one of them typed must not clear another one's screen.
    var printable: String { printable(keeping: []) }

    /// The same, with some characters left as they are: a configuration keeps its line breaks.
    func printable(keeping kept: Set<Unicode.Scalar>) -> String {
        guard unicodeScalars.contains(where: { $0.isSteering && !kept.contains($0) }) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isSteering, !kept.contains(scalar) {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Whether a terminal may take it as a command, or as a change of direction or line.
    var isSteering: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
