/// Why a text or number is not the value it should be, in words that follow the name of the field: "must be …".
///
/// The words may quote what was given only where that is no secret; see ``SecretKey``.
public struct ValueError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// A value that travels in frames and bodies and can't be wrong once it exists: `init(json:)` refuses, never clamps.
public protocol WireValue: Sendable {
    init(json: JSON) throws(ValueError)
    var json: JSON { get }
}

/// A value whose JSON form is its text, and whose text form is what a user types.
public protocol TextValue: WireValue, CustomStringConvertible, Hashable {
    init(_ text: String) throws(ValueError)
}

extension TextValue {
    public init(json: JSON) throws(ValueError) {
        guard let text = json.text else { throw ValueError("must be a string, not \(json.kind)") }
        try self.init(text)
    }

    public var json: JSON { .text(description) }
}

/// A whole number within a range.
public protocol NumberValue: WireValue, CustomStringConvertible, Hashable {
    associatedtype RawValue: FixedWidthInteger & Sendable
    /// What it may be, ends included.
    static var range: ClosedRange<RawValue> { get }
    var rawValue: RawValue { get }
    init(validated: RawValue)
}

extension NumberValue {
    public init(_ value: some BinaryInteger) throws(ValueError) {
        guard let value = RawValue(exactly: value), Self.range.contains(value) else {
            throw ValueError("must be from \(Self.range.lowerBound) to \(Self.range.upperBound), not \(value)")
        }
        self.init(validated: value)
    }

    public init(json: JSON) throws(ValueError) {
        guard let value = json.integer else { throw ValueError("must be a whole number, not \(json.kind)") }
        try self.init(value)
    }

    public var json: JSON { .integer(Int64(rawValue)) }
    public var description: String { String(rawValue) }
}

extension Bool: WireValue {
    public init(json: JSON) throws(ValueError) {
        guard case .bool(let value) = json else { throw ValueError("must be true or false, not \(json.kind)") }
        self = value
    }

    public var json: JSON { .bool(self) }
}

extension UInt64: WireValue {
    public init(json: JSON) throws(ValueError) {
        guard let value = json.integer, let unsigned = UInt64(exactly: value) else {
            throw ValueError("must be a whole number from 0, not \(json.kind)")
        }
        self = unsigned
    }

    /// Counters beyond `Int64.max` are held there: no interface has carried eight exabytes.
    public var json: JSON { .integer(Int64(clamping: self)) }
}
