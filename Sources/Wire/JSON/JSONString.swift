/// The text of a JSON string: a range of the bytes it was parsed from, valid UTF-8, without its quotes.
///
/// It is a range and not a `String` so that a key in a frame stays in memory that is wiped (``Bytes``). Only ``text``
/// makes a copy that is not; read keys by ``withUTF8(_:)``.
public struct JSONString: Sendable, Equatable {
    private let bytes: Bytes
    private let range: Range<Int>

    init(bytes: Bytes, range: Range<Int>) {
        self.bytes = bytes
        self.range = range
    }

    public init(_ text: String) {
        bytes = Bytes(text.utf8)
        range = 0..<bytes.count
    }

    /// Text that is already in wiped memory, such as a key in base64.
    public init(_ utf8: Bytes) {
        bytes = utf8
        range = 0..<utf8.count
    }

    /// The number of UTF-8 bytes.
    public var count: Int { range.count }

    public var text: String {
        withUTF8 { String(decoding: $0, as: UTF8.self) }
    }

    public func withUTF8<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBytes { (all) throws(Failure) in
            try body(UnsafeRawBufferPointer(rebasing: all[range]))
        }
    }

    public static func == (left: JSONString, right: JSONString) -> Bool {
        left.withUTF8 { first in right.withUTF8 { second in first.elementsEqual(second) } }
    }
}
