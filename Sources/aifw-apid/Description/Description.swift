import HTTPTypes
import Wire

/// The OpenAPI 3.1 document: the URL table joined with what ``Operation`` says of each of its lines.
///
/// A test fails where a line has no operation or an operation no line; others hold the document against what the running
/// server does.
struct Description: Sendable {
    /// What the table knows of a route, without what answers it.
    struct Line: Sendable {
        let method: HTTPRequest.Method
        let path: String
        let access: Route.Access
        let bodyLimit: Int
    }

    let lines: [Line]
    let operations: [Operation]

    var json: JSON {
        [
            "openapi": "3.1.0",
            "info": Self.info,
            "servers": [["url": "/", "description": "This host"]],
            "tags": .array(
                Operation.Topic.allCases.map { ["name": .text($0.rawValue), "description": .text($0.details)] }),
            "paths": paths,
            "components": components,
        ]
    }

    private static let info: JSON = [
        "title": "AiFw VPN",
        "version": .text(Apid.version),
        "summary": "WireGuard, IPsec, and the packet filter's rules for both.",
        "description": .text(Words.overview),
        "license": ["name": "MIT", "identifier": "MIT"],
    ]

    // MARK: Paths

    private var paths: JSON {
        var order: [String] = []
        var items: [String: [JSON.Member]] = [:]
        for line in lines {
            guard let operation = operation(of: line) else { continue }
            if items[line.path] == nil { order.append(line.path) }
            items[line.path, default: []].append(
                .init(name: line.method.rawValue.lowercased(), value: json(of: operation, line)))
        }
        return .object(
            order.map { path in
                let shared = Self.pathParameters(path)
                let own = items[path] ?? []
                return .init(
                    name: path,
                    value: .object(shared.isEmpty ? own : [.init(name: "parameters", value: .array(shared))] + own))
            })
    }

    func operation(of line: Line) -> Operation? {
        operations.first { $0.method == line.method && $0.path == line.path }
    }

    private func json(of operation: Operation, _ line: Line) -> JSON {
        var members: [JSON.Member] = [
            .init(name: "operationId", value: .text(operation.id)),
            .init(name: "tags", value: [.text(operation.topic.rawValue)]),
            .init(name: "summary", value: .text(operation.summary)),
            .init(name: "description", value: .text(operation.details)),
            .init(name: "security", value: Self.security(line)),
        ]
        let parameters = Self.parameters(of: operation, line)
        if !parameters.isEmpty { members.append(.init(name: "parameters", value: .array(parameters))) }
        if let body = operation.body { members.append(.init(name: "requestBody", value: Self.json(of: body, line))) }
        members.append(.init(name: "responses", value: responses(of: operation, line)))
        return .object(members)
    }

    private static func pathParameters(_ path: String) -> [JSON] {
        path.split(separator: "/").compactMap(Route.parameterName).map { name in
            [
                "name": .text(String(name)), "in": "path", "required": true,
                "description": name == "peer" ? "The id of the peer." : "The id of the object.",
                "schema": Shape.text.format("uuid").json,
            ]
        }
    }

    private static func parameters(of operation: Operation, _ line: Line) -> [JSON] {
        operation.parameters.map { parameter in
            var members: [JSON.Member] = [
                .init(name: "name", value: .text(parameter.name)),
                .init(name: "in", value: .text(parameter.place.rawValue)),
                .init(name: "description", value: .text(parameter.details)),
                .init(name: "schema", value: parameter.schema.json),
            ]
            if let example = parameter.example { members.append(.init(name: "example", value: example)) }
            return .object(members)
        } + (operation.isConditionalRead ? [["$ref": "#/components/parameters/If-None-Match"]] : [])
            + (operation.isConditionalWrite ? [["$ref": "#/components/parameters/If-Match"]] : [])
            + (takesKey(line) ? [["$ref": "#/components/parameters/Idempotency-Key"]] : [])
    }

    private static func json(of body: BodyDescription, _ line: Line) -> JSON {
        let content = content(body.schema, body.examples)
        let types = line.method == .patch ? ["application/merge-patch+json"] : []
        let others = body.others.map { form in
            JSON.Member(name: form.type, value: Self.content(form.schema, form.examples))
        }
        return [
            "required": true,
            "description": .text("At most \(line.bodyLimit) bytes."),
            "content": .object(([body.type] + types).map { .init(name: $0, value: content) } + others),
        ]
    }

    private static func content(_ schema: Shape, _ examples: [Example]) -> JSON {
        let members = examples.map { example in
            JSON.Member(name: example.name, value: ["summary": .text(example.summary), "value": example.value])
        }
        return .object(
            [.init(name: "schema", value: schema.json)]
                + (members.isEmpty ? [] : [.init(name: "examples", value: .object(members))]))
    }

    // MARK: Answers

    private func responses(of operation: Operation, _ line: Line) -> JSON {
        var members: [JSON.Member] = operation.answers.map { answer in
            .init(name: String(answer.status.code), value: Self.json(of: answer, line))
        }
        if operation.isConditionalRead {
            members.append(.init(name: "304", value: Self.notModified))
        }
        let problems = Self.problems(of: operation, line)
        var statuses: [Int] = []
        for problem in problems where !statuses.contains(problem.status.code) { statuses.append(problem.status.code) }
        for status in statuses.sorted() {
            members.append(
                .init(name: String(status), value: Self.json(of: problems.filter { $0.status.code == status })))
        }
        return .object(members)
    }

    private static let notModified: JSON = [
        "description": "The caller has this version already.",
        "headers": headers([.eTag, .requestID]),
    ]

    private static func json(of answer: SuccessfulAnswer, _ line: Line) -> JSON {
        let content = answer.forms.map { form in
            JSON.Member(name: form.type, value: Self.content(form.schema, form.examples))
        }
        var members: [JSON.Member] = [
            .init(name: "description", value: .text(answer.details)),
            .init(
                name: "headers",
                value: headers(
                    answer.headers + [.requestID],
                    optional: answer.optionalHeaders + (takesKey(line) ? [.replayed] : []))),
            .init(name: "content", value: .object(content)),
        ]
        if !answer.leadsTo.isEmpty {
            let links = answer.leadsTo.map { lead -> JSON.Member in
                let parameters = lead.parameters.map { JSON.Member(name: $0.name, value: .text($0.expression)) }
                return .init(
                    name: lead.operation,
                    value: ["operationId": .text(lead.operation), "parameters": .object(parameters)])
            }
            members.append(.init(name: "links", value: .object(links)))
        }
        return .object(members)
    }

    /// Header fields that are always there, and others that only some of these answers have.
    private static func headers(_ headers: [AnswerHeader], optional: [AnswerHeader] = []) -> JSON {
        .object(
            headers.map { header in
                .init(name: header.rawValue, value: ["$ref": .text("#/components/headers/\(header.rawValue)")])
            } + optional.map { .init(name: $0.rawValue, value: $0.json(isAlwaysThere: false)) })
    }

    /// The answer of a status: its body is a problem of one of these types.
    private static func json(of problems: [ProblemCode]) -> JSON {
        let types = problems.map { JSON.text($0.type) }
        let schema: JSON = [
            "allOf": [
                Shape.named("Problem").json,
                ["properties": ["type": ["enum": .array(types)]]],
            ]
        ]
        let examples = problems.map { code in
            JSON.Member(name: code.rawValue, value: ["$ref": .text("#/components/examples/\(code.rawValue)")])
        }
        let common = problems.dropFirst().reduce(problems.first?.headers ?? []) { common, problem in
            common.filter(problem.headers.contains)
        }
        return [
            "description": .text(problems.map(\.title).joined(separator: "; ") + "."),
            "headers": headers(
                common + [.requestID], optional: problems.flatMap(\.headers).unique.filter { !common.contains($0) }),
            "content": ["application/problem+json": ["schema": schema, "examples": .object(examples)]],
        ]
    }

    // MARK: Components

    private var components: JSON {
        [
            "schemas": .object(Shapes.all.map { .init(name: $0.name, value: $0.shape.json) }),
            "parameters": [
                "If-Match": Self.ifMatch, "If-None-Match": Self.ifNoneMatch, "Idempotency-Key": Self.idempotencyKey,
            ],
            "headers": .object(
                AnswerHeader.allCases.map { .init(name: $0.rawValue, value: $0.json(isAlwaysThere: true)) }),
            "examples": .object(
                ProblemCode.allCases.map { code in
                    .init(name: code.rawValue, value: ["summary": .text(code.title), "value": code.example])
                }),
            "securitySchemes": Self.securitySchemes,
        ]
    }

    private static let ifMatch: JSON = [
        "name": "If-Match", "in": "header",
        "description": "The change is made only if the object's ETag is one of these; `*` is any. Else 412.",
        "schema": Shape.text.json, "example": "*",
    ]

    private static let ifNoneMatch: JSON = [
        "name": "If-None-Match", "in": "header",
        "description": "If the object's ETag is one of these, the answer is 304 without a body.",
        "schema": Shape.text.json, "example": "\"r42\"",
    ]
}

extension Operation {
    /// Whether its answer has a version that a reader may know already.
    var isConditionalRead: Bool { method == .get && answers.contains { $0.headers.contains(.eTag) } }

    /// Whether it changes something that has a version.
    var isConditionalWrite: Bool { problems.contains(.preconditionFailed) }
}

extension Sequence where Element: Hashable {
    /// Each once, in the order of their first appearance.
    fileprivate var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
