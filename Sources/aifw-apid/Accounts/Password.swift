import Wire

/// A password on its way from a body to its hash, in memory that is wiped: no `String` is made of it, and no error
/// quotes it.
struct Password: Sendable {
    /// How many bytes of UTF-8 a new one has.
    static let lengths = 12...1024

    private let bytes: Bytes

    /// A new password.
    init(json: JSON) throws(ValueError) {
        try self.init(attempt: json)
        guard bytes.count >= Self.lengths.lowerBound else {
            throw ValueError("must be \(Self.lengths.lowerBound) to \(Self.lengths.upperBound) bytes long in UTF-8")
        }
    }

    /// What somebody says is the password. One that is too short to be any is not told apart from a wrong one.
    init(attempt json: JSON) throws(ValueError) {
        guard case .string(let text) = json else { throw ValueError("must be a string, not \(json.kind)") }
        guard text.count <= Self.lengths.upperBound else {
            throw ValueError("must be at most \(Self.lengths.upperBound) bytes long in UTF-8")
        }
        let bytes = Bytes(capacity: text.count)
        text.withUTF8 { bytes.append($0) }
        self.bytes = bytes
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { bytes.withUnsafeBytes(body) }
}

extension Password: CustomStringConvertible, CustomReflectable {
    var description: String { "(password)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
