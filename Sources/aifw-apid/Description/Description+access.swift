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
        let needed = JSON.array(scopes.map(JSON.text))
        return [["bearer": needed], line.method == .get ? ["session": needed] : ["session": needed, "csrf": []]]
    }

    /// Whether a request may bring a key that makes it safe to repeat.
    static func takesKey(_ line: Line) -> Bool { line.method == .post && scopes(line) != nil }

    static let idempotencyKey: JSON = [
        "name": "Idempotency-Key", "in": "header", "description": .text(Words.idempotencyKey),
        "schema": Shape.text.length(1...255).pattern("^[!-~]([ -~]*[!-~])?$").json,
        "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
    ]

    static let securitySchemes: JSON = [
        "bearer": [
            "type": "http", "scheme": "bearer", "bearerFormat": "aifw_…",
            "description": .text(Words.bearer),
        ],
        "session": [
            "type": "apiKey", "in": "cookie", "name": "__Host-aifw", "description": .text(Words.session),
        ],
        "csrf": [
            "type": "apiKey", "in": "header", "name": "X-CSRF-Token",
            "description": "Shows that a request with a session is from a page of ours.",
        ],
    ]

    /// Every problem that an operation can end in: what follows from its shape, then its own.
    static func problems(of operation: Operation, _ line: Line) -> [ProblemCode] {
        var problems: [ProblemCode] = [.tooLarge, .internalError]
        if let scopes = scopes(line) {
            problems += [.unauthenticated, .invalid]
            if !scopes.isEmpty { problems.append(.forbidden) }
        }
        if scopes(line) != nil, line.method != .get { problems.append(.csrf) }
        if operation.body != nil || takesKey(line) { problems += [.tooSlow, .busy] }
        if takesKey(line) {
            problems += [
                .idempotencyKeyReused, .idempotencyInProgress, .idempotencySecretNotRepeated, .idempotencyAnswerLost,
                .tooManyRequests,
            ]
        }
        if let body = operation.body {
            problems += [.unsupportedMediaType, .invalid] + (body.isJSON ? [.notJSON] : [])
        }
        if line.path.contains("{") { problems.append(.notFound) }
        return ProblemCode.allCases.filter { (problems + operation.problems).contains($0) }
    }
}
