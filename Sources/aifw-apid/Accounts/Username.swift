import Wire

/// The name that a person logs in with: 1 to 64 of `A-Z a-z 0-9 . _ @ -`, the same user's in upper and lower case.
struct Username: TextValue {
    static let limit = 64

    /// The same as the log and other objects' refusals name it.
    let objectName: ObjectName

    init(_ text: String) throws(ValueError) {
        guard (1...Self.limit).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else {
            throw ValueError("must be 1 to \(Self.limit) of the characters A-Z a-z 0-9 . _ @ -")
        }
        objectName = try ObjectName(text)
    }

    var description: String { objectName.description }

    /// What no two users have in common.
    var key: String { description.lowercased() }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "@"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
