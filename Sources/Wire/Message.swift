/// What a verb carries, or a part of it: an object of named members, each of a type that can't be wrong.
public protocol Message: Sendable {
    /// Reads its members; the caller makes sure that none is left over (``MemberReader/finish()``).
    init(reader: inout MemberReader) throws(Refusal)
    /// Its members, in the order in which they are written.
    var members: [JSON.Member] { get }
}

extension Message {
    /// Reads an object that has exactly the members of this message.
    public init(json: JSON, path: String) throws(Refusal) {
        var reader = try MemberReader(json, path: path)
        self = try Self(reader: &reader)
        try reader.finish()
    }

    public var json: JSON { .object(members) }
}

/// A message without members.
public protocol EmptyMessage: Message {
    init()
}

extension EmptyMessage {
    public init(reader: inout MemberReader) throws(Refusal) { self.init() }
    public var members: [JSON.Member] { [] }
}

/// Reads the members of one object, each by its name and type; the first fault is thrown as a refusal.
///
/// A client of ours never sends a faulty request, so one fault is enough said to whoever did.
public struct MemberReader {
    private var rest: [JSON.Member]
    private let base: String

    /// - Parameter path: where the object stands in the frame, for refusals; empty at the top.
    public init(_ json: JSON, path: String) throws(Refusal) {
        guard case .object(let members) = json else {
            throw Refusal(.malformed, "must be an object, not \(json.kind)", field: path.isEmpty ? nil : path)
        }
        rest = members
        base = path
    }

    /// The full name of a member in a refusal.
    public func path(_ name: String) -> String { base.isEmpty ? name : "\(base).\(name)" }

    /// The member, which is then used up; nil if there is none.
    public mutating func take(_ name: String) -> JSON? {
        guard let index = rest.firstIndex(where: { $0.isNamed(name) }) else { return nil }
        return rest.remove(at: index).value
    }

    public mutating func required<Value: WireValue>(_ name: String) throws(Refusal) -> Value {
        guard let value: Value = try optional(name) else { throw missing(name) }
        return value
    }

    public mutating func optional<Value: WireValue>(_ name: String) throws(Refusal) -> Value? {
        guard let json = take(name) else { return nil }
        return try read(json, path(name))
    }

    /// A member that may be left out (nil), or be null (`.some(nil)`), or have a value.
    public mutating func nullable<Value: WireValue>(_ name: String) throws(Refusal) -> Value?? {
        guard let json = take(name) else { return .none }
        if case .null = json { return .some(nil) }
        return .some(try read(json, path(name)) as Value)
    }

    /// A list of at most `limit` values; nil if it is left out.
    public mutating func list<Value: WireValue>(_ name: String, limit: Int) throws(Refusal) -> [Value]? {
        guard let elements = try elements(name, limit: limit) else { return nil }
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            values.append(try read(element, "\(path(name))[\(index)]"))
        }
        return values
    }

    /// A list of at most `limit` messages; nil if it is left out.
    public mutating func messages<Value: Message>(_ name: String, limit: Int) throws(Refusal) -> [Value]? {
        guard let elements = try elements(name, limit: limit) else { return nil }
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            values.append(try Value(json: element, path: "\(path(name))[\(index)]"))
        }
        return values
    }

    /// A message; nil if it is left out.
    public mutating func message<Value: Message>(_ name: String) throws(Refusal) -> Value? {
        guard let json = take(name) else { return nil }
        return try Value(json: json, path: path(name))
    }

    public func missing(_ name: String) -> Refusal { Refusal(.malformed, "is missing", field: path(name)) }

    /// Refuses whatever has not been read.
    public func finish() throws(Refusal) {
        if let unknown = rest.first {
            throw Refusal(.malformed, "no such member: \(unknown.name.quoted)", field: base.isEmpty ? nil : base)
        }
    }

    private mutating func elements(_ name: String, limit: Int) throws(Refusal) -> [JSON]? {
        guard let json = take(name) else { return nil }
        guard let elements = json.elements else {
            throw Refusal(.malformed, "must be an array, not \(json.kind)", field: path(name))
        }
        guard elements.count <= limit else {
            throw Refusal(.limit, "has \(elements.count) elements; at most \(limit) are taken", field: path(name))
        }
        return elements
    }

    private func read<Value: WireValue>(_ json: JSON, _ path: String) throws(Refusal) -> Value {
        do {
            return try Value(json: json)
        } catch {
            throw Refusal(.malformed, error.description, field: path)
        }
    }
}

/// Puts the members of an object together; what is nil is left out.
public struct MemberWriter {
    public private(set) var members: [JSON.Member] = []

    public init(_ body: (inout MemberWriter) -> Void) { body(&self) }

    public mutating func add(_ name: String, _ json: JSON?) {
        if let json { members.append(JSON.Member(name: name, value: json)) }
    }

    public mutating func add(_ name: String, _ value: (some WireValue)?) { add(name, value?.json) }

    public mutating func add(_ name: String, _ values: [some WireValue]?) {
        add(name, values.map { JSON.array($0.map(\.json)) })
    }

    public mutating func add(_ name: String, messages: [some Message]?) {
        add(name, messages.map { JSON.array($0.map(\.json)) })
    }

    /// A member that is null where the inner value is.
    public mutating func add(nullable name: String, _ value: (some WireValue)??) {
        guard let value else { return }
        add(name, value.map(\.json) ?? .null)
    }
}

extension String: WireValue {
    /// Any text of at most 4,096 bytes: only for words that are shown to a person, never for what is acted on.
    public init(json: JSON) throws(ValueError) {
        guard case .string(let string) = json else { throw ValueError("must be a string, not \(json.kind)") }
        guard string.count <= 4096 else { throw ValueError("must have at most 4096 bytes") }
        self = string.text
    }

    public var json: JSON { .text(self) }
}
