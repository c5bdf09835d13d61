/// Text that may be a key in base 64: 43 of its characters in a row. What has one is never repeated.
enum KeyLikeText {
    private static let length = 43

    /// What is said, instead of an error that may repeat it, of a value that has one and is no key.
    static let misplaced = "has a value that looks like a key, which does not belong there"

    static func isIn(_ text: some Sequence<UInt8>) -> Bool {
        var run = 0
        for byte in text {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                run += 1
            default: run = 0
            }
            if run == length { return true }
        }
        return false
    }
}
