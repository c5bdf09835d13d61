import Wire

/// The value of a key that is no secret, as text: of ASCII, for none of them takes anything else.
enum PlainText {
    static func read(_ bytes: UnsafeRawBufferPointer) throws(ValueError) -> String {
        guard !bytes.isEmpty else { throw ValueError("must have a value") }
        guard bytes.allSatisfy({ $0 < 0x80 }) else { throw ValueError("must be ASCII") }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A whole number in decimal digits.
enum WholeNumber {
    private static let limit = 10

    static func read(_ bytes: UnsafeRawBufferPointer) throws(ValueError) -> Int {
        let isNumber = (1...limit).contains(bytes.count) && bytes.allSatisfy { (0x30...0x39).contains($0) }
        guard isNumber, let number = Int(String(decoding: bytes, as: UTF8.self)) else {
            throw ValueError("must be a whole number")
        }
        return number
    }
}

extension SecretKey {
    /// A key out of the text of a file, without a `String` in between.
    init(text: UnsafeRawBufferPointer) throws(ValueError) {
        let copy = Bytes(capacity: text.count)
        copy.append(text)
        try self.init(json: .string(JSONString(copy)))
    }
}
