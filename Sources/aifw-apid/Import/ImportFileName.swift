import Wire

/// The name of a file that is imported, without folders: `office.conf`.
struct ImportFileName: TextValue {
    static let limit = 255
    private static let suffix = ".conf"

    let description: String

    init(_ text: String) throws(ValueError) {
        guard (1...Self.limit).contains(text.utf8.count), text != ".", text != "..",
            text.unicodeScalars.allSatisfy({ $0.isPrintable && $0 != "/" && $0 != "\\" })
        else {
            throw ValueError("must be the name of a file, of 1 to \(Self.limit) printable characters without a slash")
        }
        description = text
    }

    /// Whether it is named as wg-quick(8) wants it.
    var isConfiguration: Bool { description.hasSuffix(Self.suffix) && !description.hasPrefix(".") }

    /// Without `.conf`: what a tunnel is called after it.
    var stem: String { isConfiguration ? String(description.dropLast(Self.suffix.count)) : description }
}
