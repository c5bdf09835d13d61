import HTTPTypes
import Wire

/// What the description says of one line of the URL table.
///
/// What the table itself knows (who may call, how long a body may be) is not said here: ``Description`` takes it from
/// there.
struct Operation: Sendable {
    let method: HTTPRequest.Method
    /// As in the table.
    let path: String
    /// The name by which a generated client calls it.
    let id: String
    let topic: Topic
    /// A few words, without a full stop.
    let summary: String
    /// What a caller must know; `code` in back-quotes, paragraphs apart by an empty line.
    let details: String
    var parameters: [Parameter] = []
    var body: BodyDescription?
    let answers: [SuccessfulAnswer]
    /// The problems that are its own; those that follow from its shape are added (``Description/problems(of:_:)``).
    var problems: [ProblemCode] = []

    /// A group of operations.
    enum Topic: String, Sendable, CaseIterable {
        case tunnels = "WireGuard tunnels"
        case peers = "WireGuard peers"
        case associations = "IPsec"
        case rules = "Packet filter"
        case access = "Tokens"
        case users = "Users"
        case logins = "Log-in"
        case audit = "Audit log"
        case events = "Events"
        case webhooks = "Webhooks"
        case backup = "Backup"
        case health = "Health"
        case description = "Description"

        var details: String {
            switch self {
            case .tunnels: "A tunnel is a WireGuard interface of this host with its key, port and addresses."
            case .peers: "A peer is a client of a tunnel, or another gateway behind it."
            case .associations: "An association protects the traffic between two gateways by ESP, AH or both."
            case .rules: "What the packet filter lets through for all of this is computed from what is enabled."
            case .access: "A token is what a program comes with."
            case .users: "A user is a person with a password, who comes with a session's cookie."
            case .logins: "In and out, and the first administrator."
            case .audit: "Who has done what, from where."
            case .events: "What changes, as it changes."
            case .webhooks: "A webhook is a receiver that is told of every change by a signed POST (Standard Webhooks)."
            case .backup: "Everything that is configured in one file, and back."
            case .health: "Whether the service works, for whoever watches over it."
            case .description: "This description itself."
            }
        }
    }
}

/// A parameter in the query or in the header of a request.
struct Parameter: Sendable {
    enum Place: String, Sendable {
        case query, header
    }

    let place: Place
    let name: String
    let schema: Shape
    let details: String
    var example: JSON?

    static func query(_ name: String, _ schema: Shape, _ details: String, example: JSON? = nil) -> Parameter {
        Parameter(place: .query, name: name, schema: schema, details: details, example: example)
    }

    static func header(_ name: String, _ schema: Shape, _ details: String, example: JSON? = nil) -> Parameter {
        Parameter(place: .header, name: name, schema: schema, details: details, example: example)
    }
}

/// What a request's body must be.
struct BodyDescription: Sendable {
    /// Another form in which it may come.
    struct Form: Sendable {
        let type: String
        let schema: Shape
        var examples: [Example] = []
    }

    static let json = "application/json"

    let type: String
    let schema: Shape
    let examples: [Example]
    var others: [Form] = []

    /// JSON; of PATCH, a merge patch too.
    init(_ schema: Shape, _ examples: Example...) {
        type = Self.json
        self.schema = schema
        self.examples = examples
    }

    /// The same, where it may come in other forms too.
    func or(_ others: Form...) -> BodyDescription {
        var body = self
        body.others = others
        return body
    }

    /// A file of another type.
    init(file type: String) {
        self.type = type
        schema = .any
        examples = []
    }

    var isJSON: Bool { type == Self.json }
}

/// A body that is right.
struct Example: Sendable {
    /// Letters and hyphens.
    let name: String
    let summary: String
    let value: JSON

    init(_ name: String, _ summary: String, _ value: JSON) {
        self.name = name
        self.summary = summary
        self.value = value
    }
}

/// An answer that is no problem.
struct SuccessfulAnswer: Sendable {
    /// One form of the answer's body.
    struct Form: Sendable {
        let type: String
        let schema: Shape
        let examples: [Example]
    }

    let status: HTTPResponse.Status
    let details: String
    let forms: [Form]
    /// Header fields that are always there.
    var headers: [AnswerHeader] = []
    /// Those that only some of these answers have.
    var optionalHeaders: [AnswerHeader] = []
    /// Where the body is an object that was made: the operations that it leads to.
    var leadsTo: [Lead] = []

    /// 200 with JSON.
    static func json(
        _ details: String, _ schema: Shape, _ headers: AnswerHeader..., examples: [Example]
    ) -> SuccessfulAnswer {
        SuccessfulAnswer(
            status: .ok, details: details,
            forms: [Form(type: "application/json", schema: schema, examples: examples)], headers: headers)
    }

    /// 201 with the object that was made.
    static func created(
        _ details: String, _ schema: Shape, _ headers: AnswerHeader..., examples: [Example], leadsTo: [Lead]
    ) -> SuccessfulAnswer {
        SuccessfulAnswer(
            status: .created, details: details,
            forms: [Form(type: "application/json", schema: schema, examples: examples)], headers: headers,
            leadsTo: leadsTo)
    }

    /// `{"message": …}`
    static func message(_ words: String, _ headers: AnswerHeader...) -> SuccessfulAnswer {
        SuccessfulAnswer(
            status: .ok, details: "It is done.",
            forms: [
                Form(
                    type: "application/json", schema: .object([.needed("message", .constant(.text(words)))]),
                    examples: [Example("done", words, ["message": .text(words)])])
            ], headers: headers)
    }

    /// An operation on the object of an answer, and which of its path parameters is which member of `data`.
    struct Lead: Sendable {
        let operation: String
        /// Name of the parameter, and where its value is: `$response.body#/data/id`, `$request.path.id`.
        let parameters: [(name: String, expression: String)]

        /// To an operation whose path has the new object's id only.
        static func id(_ operation: String) -> Lead {
            Lead(operation: operation, parameters: [("id", "$response.body#/data/id")])
        }
    }
}

/// A header field of answers.
enum AnswerHeader: String, Sendable, CaseIterable {
    case eTag = "ETag"
    case location = "Location"
    case notStored = "Cache-Control"
    case disposition = "Content-Disposition"
    case retryAfter = "Retry-After"
    case challenge = "WWW-Authenticate"
    case cookie = "Set-Cookie"
    case replayed = "Idempotency-Replayed"
    case requestID = "X-Request-Id"
    case backupWarnings = "Backup-Warnings"

    var details: String {
        switch self {
        case .eTag: "The version of the object, for `If-Match` and `If-None-Match`."
        case .location: "The absolute path of what was made."
        case .notStored: "Nobody on the way may keep the answer."
        case .disposition: "The name under which to save the file."
        case .retryAfter: "Seconds after which it is worth trying again."
        case .challenge: "What kind of credential is needed (RFC 6750)."
        case .cookie: "The session, or its end: `Secure; HttpOnly; SameSite=Strict`."
        case .replayed: "This is the first answer to the same `Idempotency-Key` again."
        case .requestID: "What names this request in the log."
        case .backupWarnings: "What whoever keeps the backup should know: texts, percent-encoded, with commas between."
        }
    }

    var schema: Shape {
        switch self {
        case .eTag: .text.pattern(#"^"[^"]+"$"#)
        case .location: .text.pattern("^/api/v1/")
        case .notStored: .words(["no-store"])
        case .disposition: .text.pattern("^attachment; filename=")
        case .retryAfter: .whole(from: 0)
        case .challenge: .text.pattern("^Bearer ")
        case .cookie: .text.pattern("^__Host-aifw=")
        case .replayed: .words(["true"])
        case .requestID: .text.pattern("^[0-9a-f]{16}$")
        case .backupWarnings: .text.pattern("^[A-Za-z0-9._~%,-]+$")
        }
    }

    func json(isAlwaysThere: Bool) -> JSON {
        ["description": .text(details), "required": .bool(isAlwaysThere), "schema": schema.json]
    }
}
