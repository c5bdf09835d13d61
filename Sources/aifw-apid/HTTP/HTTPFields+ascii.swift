import HTTPTypes

extension HTTPFields {
    /// The same with a question mark in the place of each byte beyond ASCII in long values.
    ///
    /// No field that is read here has a use for such (RFC 9110, section 5.5, calls them obsolete). And Swift compares texts
    /// in normal form, which takes a time that grows with the square of the marks in a row: a header of 16 KiB of them would
    /// hold a thread for a third of a second, before anybody has asked who sends it. In a short one they cost nothing, and are
    /// left for whoever reads it to refuse.
    var ascii: HTTPFields {
        guard !allSatisfy(\.isQuicklyCompared) else { return self }
        // Put together anew, for to replace a field in its place is to compare it first.
        var fields = HTTPFields()
        for field in self {
            fields.append(field.isQuicklyCompared ? field : HTTPField(name: field.name, value: field.asciiBytes))
        }
        return fields
    }
}

extension HTTPField {
    fileprivate var isQuicklyCompared: Bool {
        withUnsafeBytesOfValue { $0.count <= 256 || $0.allSatisfy { $0 < 0x80 } }
    }

    fileprivate var asciiBytes: [UInt8] {
        withUnsafeBytesOfValue { $0.map { $0 < 0x80 ? $0 : UInt8(ascii: "?") } }
    }
}
