import HTTPTypes
import Wire

/// What follows from the URL table: who may call, and which problems every operation of such a shape can end in.
extension Description {
    /// The names of the scopes that a route asks for; nil where nobody is asked who he is.
    static func scopes(_ line: Line) -> [String]? {
        guard case .scopes(let scopes) = line.access else { return nil }
        return scopes.names
    }

    static func security(_ line: Line) -> JSON {
        guard let scopes = scopes(line) else { return [] }
        return [["bearer": .array(scopes.map(JSON.text))]]
    }

    static let securitySchemes: JSON = [
        "bearer": [
            "type": "http", "scheme": "bearer", "bearerFormat": "aifw_…",
            "description": .text(Words.bearer),
        ]
    ]

    /// Every problem that an operation can end in: what follows from its shape, then its own.
    static func problems(of operation: Operation, _ line: Line) -> [ProblemCode] {
        var problems: [ProblemCode] = [.tooLarge, .internalError]
        if scopes(line) != nil { problems += [.unauthenticated, .forbidden, .invalid] }
        if operation.body != nil { problems += [.notJSON, .unsupportedMediaType, .invalid] }
        if line.path.contains("{") { problems.append(.notFound) }
        return ProblemCode.allCases.filter { (problems + operation.problems).contains($0) }
    }
}
