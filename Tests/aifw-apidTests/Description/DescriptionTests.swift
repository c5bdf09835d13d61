import HTTPTypes
import Testing
import Wire

@testable import aifw_apid

/// The OpenAPI document against the URL table and the values that it is about. What the running server answers is held
/// against it by Tests/System.
struct DescriptionTests {
    private func with<Result>(_ body: (Description) throws -> Result) throws -> Result {
        try RouterTests.described { try body(Description(lines: $0, operations: Operations.all)) }
    }

    @Test func `every line of the table but the page's is described, and nothing that is no line of it`() throws {
        try with { description in
            let lines = description.lines.map { "\($0.method) \($0.path)" }
            let operations = description.operations.map { "\($0.method) \($0.path)" }
            #expect(Set(lines).subtracting(operations).sorted() == [])
            #expect(Set(operations).subtracting(lines).sorted() == [])
            #expect(Set(operations).count == operations.count)
            #expect(Set(description.operations.map(\.id)).count == operations.count)
        }
    }

    @Test func `who may call and how long a body may be is what the table says`() throws {
        try with { description in
            for line in description.lines {
                let operation = try #require(
                    description.json["paths"]?[line.path]?[line.method.rawValue.lowercased()])
                let needs = operation["security"]?.elements?.first?["bearer"]?.elements?.compactMap(\.text)
                switch line.access {
                case .open: #expect(operation["security"] == [])
                case .scopes(let scopes): #expect(needs == scopes.names)
                }
                let described = try #require(description.operation(of: line))
                let problems = Description.problems(of: described, line)
                #expect(problems.contains(.unauthenticated) == (line.access != .open), "\(line.path)")
                let mayLackScope = line.access != .open && line.access != .authenticated
                #expect(problems.contains(.forbidden) == mayLackScope, "\(line.path)")
                #expect(problems.contains(.csrf) || line.access == .open || line.method == .get, "\(line.path)")
                guard let body = operation["requestBody"] else { continue }
                #expect(body["description"]?.text?.contains("\(line.bodyLimit)") == true)
            }
        }
    }

    @Test func `every scope and every type of problem is in it`() throws {
        try with { description in
            let used = Set(description.lines.compactMap { Description.scopes($0) }.joined())
            #expect(used == Set(Scopes.named.map(\.name)))
            let ends = Set(
                description.lines.flatMap { line in
                    description.operation(of: line).map { Description.problems(of: $0, line) } ?? []
                })
            // A path without the method is no operation; it is told of all paths together.
            #expect(Set(ProblemCode.allCases).subtracting(ends) == [.methodNotAllowed])
            #expect(Words.overview.contains("405"))
        }
    }

    @Test func `a problem's example is that problem`() {
        for code in ProblemCode.allCases {
            #expect(code.example["type"] == .text(code.type))
            #expect(code.example["status"]?.integer == Int64(code.status.code))
            #expect(code.example["detail"]?.text?.isEmpty == false)
        }
    }

    @Test func `an object is described with exactly the members that answers have`() throws {
        let tunnel = try TunnelRecord.sample()
        let peer = try PeerRecord.sample("laptop", of: tunnel.id, allowedIPs: AllowedIPs("10.0.0.2"))
        let association = try AssociationRecord.sample()
        let webhook = WebhookRecord(
            id: .random(), name: try ObjectName("inventory"), url: try WebhookURL("https://hooks.example.org/"),
            objects: nil, isEnabled: true, sealedSecret: [])
        for (name, json) in [
            ("Tunnel", tunnel.json(.down, Traffic())), ("Peer", peer.json), ("Association", association.json(.down)),
            ("Webhook", webhook.json(pending: 0)),
        ] {
            let schema = try #require(Shapes.all.first { $0.name == name }).shape.json
            guard case .object(let described)? = schema["properties"], case .object(let shown) = json else {
                Issue.record("\(name) is no object")
                continue
            }
            #expect(described.map(\.name) == shown.map(\.name))
            #expect(schema["required"] == .array(shown.map { .text($0.name) }))
            #expect(schema["additionalProperties"] == false)
        }
    }

    @Test func `it is JSON as this project reads it, and whatever it refers to is there`() throws {
        try with { description in
            let document = try JSONParser.parse(description.json.serialized)
            #expect(document == description.json)
            for reference in references(in: document) {
                let path = reference.split(separator: "/").dropFirst().map(String.init)
                let target = path.reduce(document) { value, name in value?[name] ?? nil }
                #expect(target != nil, "\(reference)")
            }
        }
    }

    private func references(in json: JSON) -> [String] {
        switch json {
        case .object(let members):
            members.flatMap { member -> [String] in
                if member.name == "$ref", let text = member.value.text { return [text] }
                return references(in: member.value)
            }
        case .array(let elements): elements.flatMap(references)
        default: []
        }
    }
}
