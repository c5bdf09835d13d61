import Wire

/// What a backup is locked with: 12 to 1024 printable characters of ASCII, for it comes in a header field, where nobody says
/// how others are to be read.
struct BackupPassphrase: Sendable {
    static let lengths = 12...1024

    /// In memory that is wiped.
    let bytes: Bytes

    init(_ text: String) throws(ValueError) {
        guard Self.lengths.contains(text.utf8.count), text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw ValueError(
                "must be \(Self.lengths.lowerBound) to \(Self.lengths.upperBound) printable characters of ASCII")
        }
        bytes = Bytes(text.utf8)
    }
}

extension BackupPassphrase: CustomStringConvertible, CustomReflectable {
    var description: String { "(passphrase)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
