internal import Wire

/// Why the API refused a request: its `application/problem+json` document (RFC 9457).
///
/// An answer that is no such document still gives a problem, made of what is known: the status.
struct Problem {
    /// One wrong field of the body.
    struct Fault: Equatable {
        /// The field's path in the body: `listen_port`, `allowed_ips[0]`.
        let field: String
        let detail: String
    }

    let status: Int
    let title: String
    let detail: String?
    let faults: [Fault]
    /// The seconds after which it may be tried again, if the API says so.
    let retryAfter: Int?
    /// Whether a change was refused, which then was not made; else it was a question.
    let isOfChange: Bool
    /// The document as it was received.
    let body: Bytes

    init(_ response: Response, to request: Request) {
        isOfChange = request.method != .get
        let document = try? response.json()
        status = response.status
        title = document?["title"]?.text ?? "the API answered with status \(response.status)"
        detail = document?["detail"]?.text
        faults = (document?["errors"]?.elements ?? []).compactMap { fault in
            guard let detail = fault["detail"]?.text else { return nil }
            return Fault(field: fault["field"]?.text ?? "", detail: detail)
        }
        retryAfter = response.field("retry-after").flatMap { Int($0) }
        body = response.body
    }
}
