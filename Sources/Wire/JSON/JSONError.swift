/// Why a text is not the JSON we take, and where.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Reason: Equatable, Sendable {
        case endsTooSoon
        case unexpectedByte(UInt8)
        case trailingBytes
        case tooDeep(limit: Int)
        case tooManyMarks(limit: Int)
        case tooManyValues(limit: Int)
        case duplicateMember(String)
        case badNumber
        case badEscape
        case loneSurrogate
        case controlCharacter
        case invalidUTF8
    }

    public let reason: Reason
    /// The offset of the byte at which it shows, counted from 0.
    public let offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String {
        "\(words) at byte \(offset)"
    }

    private var words: String {
        switch reason {
        case .endsTooSoon: "the text ends too soon"
        case .unexpectedByte(let byte) where byte > 0x20 && byte < 0x7F:
            "unexpected '\(Character(UnicodeScalar(byte)))'"
        case .unexpectedByte(let byte): "unexpected byte 0x\(String(byte, radix: 16))"
        case .trailingBytes: "something follows the value"
        case .tooDeep(let limit): "arrays and objects are nested deeper than \(limit)"
        case .tooManyMarks(let limit): "a text has more than \(limit) combining marks in a row"
        case .tooManyValues(let limit): "there are more than \(limit) values"
        case .duplicateMember(let name): "member \(name.quoted) is given twice"
        case .badNumber: "a number is not written as JSON has it"
        case .badEscape: "a backslash is followed by what is no escape"
        case .loneSurrogate: "half of a surrogate pair"
        case .controlCharacter: "a control character in a string must be escaped"
        case .invalidUTF8: "invalid UTF-8"
        }
    }
}
