import Wire

/// A JSON schema as OpenAPI 3.1 has it (draft 2020-12): built up word by word, in the order in which it is written.
struct Shape: Sendable {
    private var members: [JSON.Member]

    var json: JSON { .object(members) }

    private init(_ members: [JSON.Member]) { self.members = members }

    private static func type(_ word: String) -> Shape { Shape([.init(name: "type", value: .text(word))]) }

    private func with(_ name: String, _ value: JSON) -> Shape {
        Shape(members.filter { $0.name != name } + [.init(name: name, value: value)])
    }

    // MARK: Values

    /// Whatever JSON can hold.
    static let any = Shape([])
    static let text = type("string")
    static let flag = type("boolean")
    static let null = type("null")
    /// An object with whatever members.
    static let anyObject = type("object")

    static func whole(_ range: ClosedRange<Int64>) -> Shape {
        type("integer").with("minimum", .integer(range.lowerBound)).with("maximum", .integer(range.upperBound))
    }

    /// A number that only grows, such as a counter.
    static func whole(from least: Int64) -> Shape { type("integer").with("minimum", .integer(least)) }

    /// One of some words.
    static func words(_ words: [String]) -> Shape { text.with("enum", .array(words.map(JSON.text))) }

    static func words<Words: CaseIterable & RawRepresentable>(_ type: Words.Type) -> Shape
    where Words.RawValue == String { words(type.allCases.map(\.rawValue)) }

    static func constant(_ value: JSON) -> Shape { Shape([.init(name: "const", value: value)]) }

    static func list(of element: Shape, count: ClosedRange<Int64>? = nil) -> Shape {
        let list = type("array").with("items", element.json)
        guard let count else { return list }
        return list.with("minItems", .integer(count.lowerBound)).with("maxItems", .integer(count.upperBound))
    }

    /// An object with these members and no other.
    static func object(_ properties: [Property]) -> Shape {
        let needed = properties.filter(\.isNeeded).map { JSON.text($0.name) }
        let object = type("object").with(
            "properties", .object(properties.map { .init(name: $0.name, value: $0.schema.json) }))
        return (needed.isEmpty ? object : object.with("required", .array(needed))).with("additionalProperties", false)
    }

    /// A value that one of these takes.
    static func any(of schemas: [Shape]) -> Shape {
        Shape([.init(name: "anyOf", value: .array(schemas.map(\.json)))])
    }

    /// A schema among `components`.
    static func named(_ name: String) -> Shape {
        Shape([.init(name: "$ref", value: .text("#/components/schemas/\(name)"))])
    }

    // MARK: What else is said of a value

    func described(_ words: String) -> Shape { with("description", .text(words)) }
    func pattern(_ pattern: String) -> Shape { with("pattern", .text(pattern)) }
    func format(_ word: String) -> Shape { with("format", .text(word)) }
    /// A text that is not empty, a list that is not.
    var notEmpty: Shape { with(members.contains { $0.name == "items" } ? "minItems" : "minLength", 1) }
    func length(_ range: ClosedRange<Int64>) -> Shape {
        with("minLength", .integer(range.lowerBound)).with("maxLength", .integer(range.upperBound))
    }
    func except(_ value: JSON) -> Shape { with("not", ["const": value]) }
    func standard(_ value: JSON) -> Shape { with("default", value) }
    func example(_ value: JSON) -> Shape { with("examples", [value]) }

    /// Where one of these sets of members must be there.
    func needing(_ alternatives: [[String]]) -> Shape {
        let choices: [JSON] = alternatives.map { names in
            ["anyOf": .array(names.map { ["required": [.text($0)]] })]
        }
        return with("allOf", .array(choices))
    }

    /// The same, or null.
    var orNull: Shape { Shape.any(of: [self, .null]) }
}

/// A member of an object, as a schema describes it.
struct Property: Sendable {
    let name: String
    let schema: Shape
    let isNeeded: Bool

    /// A member that is always there, or must be sent.
    static func needed(_ name: String, _ schema: Shape, _ words: String? = nil) -> Property {
        Property(name: name, schema: words.map(schema.described) ?? schema, isNeeded: true)
    }

    /// A member that may be left out.
    static func optional(_ name: String, _ schema: Shape, _ words: String? = nil) -> Property {
        Property(name: name, schema: words.map(schema.described) ?? schema, isNeeded: false)
    }
}

extension [Property] {
    /// The same where nothing need be sent: what a PATCH takes.
    var partial: [Property] { map { Property(name: $0.name, schema: $0.schema, isNeeded: false) } }
}
