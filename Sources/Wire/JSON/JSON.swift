/// A JSON value (RFC 8259) as both daemons read and write it.
///
/// Object members keep their order; a parsed object has no member twice. Whole numbers are kept apart from all others, so
/// that `51820.0` and `1e3` can be refused where an integer is asked for.
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number written as digits with an optional minus, within the range of `Int64`.
    case integer(Int64)
    /// Any other number, as it was written.
    case number(String)
    case string(JSONString)
    case array([JSON])
    case object([Member])

    /// One member of an object.
    public struct Member: Sendable, Equatable {
        public let name: String
        public let value: JSON

        public init(name: String, value: JSON) {
            self.name = name
            self.value = value
        }

        /// Whether it has this name, byte for byte.
        func isNamed(_ name: String) -> Bool {
            self.name.utf8.count == name.utf8.count && self.name.utf8.elementsEqual(name.utf8)
        }
    }

    /// What kind of value it is, in the words of an error message: "a string", "null".
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer: "a whole number"
        case .number: "a number that is not written as a whole number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The member's value, or nil if this is no object or has no such member.
    public subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.isNamed(name) }?.value
    }

    /// The text of a string value; nil for any other.
    public var text: String? {
        if case .string(let string) = self { string.text } else { nil }
    }

    /// The value of a whole number; nil for any other.
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The elements of an array; nil for any other.
    public var elements: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(JSONString(value)) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }
    public init(nilLiteral: ()) { self = .null }

    /// A string value with this text.
    public static func text(_ text: String) -> JSON { .string(JSONString(text)) }
}
