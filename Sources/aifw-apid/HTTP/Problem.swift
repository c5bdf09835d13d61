import HTTPTypes
import Wire

/// An error that is also an HTTP answer: `application/problem+json` (RFC 9457).
///
/// `detail` says in words what was wrong and what to do; it and the faults quote what the caller sent, never a secret.
struct Problem: Error, Sendable, Equatable {
    /// One wrong value: where it is (`peers[3].name`, `limit`) and what it must be.
    struct Fault: Sendable, Equatable {
        let field: String
        let detail: String
    }

    let code: ProblemCode
    let detail: String
    /// All values found wrong, not the first only.
    var errors: [Fault] = []
    /// What this answer has in its header besides: `Retry-After`, `Allow`, `WWW-Authenticate`.
    var headers = HTTPFields()

    init(_ code: ProblemCode, _ detail: String, errors: [Fault] = [], headers: HTTPFields = HTTPFields()) {
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers
    }

    /// A clash or refusal that concerns one field.
    init(_ code: ProblemCode, field: String, _ detail: String) {
        self.init(code, detail, errors: [Fault(field: field, detail: detail)])
    }

    /// How many fields the words of a 422 name; `errors` has them all.
    private static let namedFields = 20

    /// 422 with these faults.
    static func invalid(_ faults: [Fault]) -> Problem {
        let fields = faults.lazy.map(\.field).filter { !$0.isEmpty }
        if faults.count == 1 {
            return Problem(.invalid, (fields.first.map { $0 + " " } ?? "") + faults[0].detail, errors: faults)
        }
        let named = fields.prefix(namedFields).joined(separator: ", ")
        let more = fields.dropFirst(namedFields).isEmpty ? "" : ", …"
        return Problem(.invalid, "\(faults.count) values are wrong: \(named)\(more)", errors: faults)
    }

    /// The same with `Retry-After` (RFC 9110, section 10.2.3).
    func retry(afterSeconds seconds: Int) -> Problem {
        var copy = self
        copy.headers[.retryAfter] = String(seconds)
        return copy
    }

    /// The body of the answer.
    var json: JSON {
        var members: [JSON.Member] = [
            .init(name: "type", value: .text(code.type)),
            .init(name: "title", value: .text(code.title)),
            .init(name: "status", value: .integer(Int64(code.status.code))),
            .init(name: "detail", value: .text(detail)),
        ]
        if !errors.isEmpty {
            let list: [JSON] = errors.map { ["field": .text($0.field), "detail": .text($0.detail)] }
            members.append(.init(name: "errors", value: .array(list)))
        }
        return .object(members)
    }
}

/// An error of another room that knows which problem it is; the one place where that is said.
protocol ProblemConvertible: Error {
    var problem: Problem { get }
}

extension Problem: ProblemConvertible {
    var problem: Problem { self }
}

extension JSONError: ProblemConvertible {
    var problem: Problem {
        if case .tooManyValues(let limit) = reason {
            return Problem(.tooLarge, "The body may have \(limit) values at most, counted at every depth.")
        }
        return Problem(.notJSON, "The body is not JSON as RFC 8259 has it: \(description).")
    }
}
