import HTTPTypes
import HummingbirdCore

/// The tag of an object's version: its revision, so that live counters do not move it.
struct ETag: Sendable, Hashable, CustomStringConvertible {
    let opaque: String

    init(revision: Int64) { opaque = "r\(revision)" }

    init(opaque: String) { self.opaque = opaque }

    /// As in the header: `"r42"`, a strong tag (RFC 9110, section 8.8.3).
    var description: String { "\"\(opaque)\"" }
}

/// `If-Match` and `If-None-Match` of a request (RFC 9110, sections 13.1.1 and 13.1.2).
struct Conditions: Sendable {
    private let ifMatch: String?
    private let ifNoneMatch: String?

    init(_ headers: HTTPFields) {
        ifMatch = headers[.ifMatch]
        ifNoneMatch = headers[.ifNoneMatch]
    }

    /// Throws 412 unless `If-Match` is absent, is `*`, or lists `current`. A weak tag never matches here.
    ///
    /// Call it where the object is read and changed in one go, or another change may come in between; and before members are
    /// judged by what there is now, which a client that sends back what it read before can't know.
    func permit(_ current: ETag) throws(Problem) {
        guard let ifMatch else { return }
        guard ifMatch == "*" || Self.tags(in: ifMatch).contains(Tag(opaque: current.opaque[...], isWeak: false)) else {
            throw Problem(
                .preconditionFailed,
                "If-Match does not list \(current), the version that there is now. Read the object again.")
        }
    }

    /// Whether `If-None-Match` says that the caller has what `response` to a GET or HEAD would bring.
    func isKnown(_ response: Response, to method: HTTPRequest.Method) -> Bool {
        guard let ifNoneMatch, method == .get || method == .head, response.status == .ok,
            let etag = response.headers[.eTag]
        else { return false }
        let current = etag.dropFirst().dropLast()
        return ifNoneMatch == "*" || Self.tags(in: ifNoneMatch).contains { $0.opaque == current }
    }

    private struct Tag: Equatable {
        let opaque: Substring
        let isWeak: Bool
    }

    /// The tags of a list such as `"a", W/"b"`; a comma may be part of a tag. What is no tag ends the list.
    private static func tags(in list: String) -> [Tag] {
        var tags: [Tag] = []
        var rest = list[...]
        while true {
            rest = rest.drop { $0 == " " || $0 == "," || $0 == "\t" }
            let isWeak = rest.hasPrefix("W/")
            if isWeak { rest = rest.dropFirst(2) }
            guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else { return tags }
            tags.append(Tag(opaque: rest[rest.index(after: rest.startIndex)..<end], isWeak: isWeak))
            rest = rest[rest.index(after: end)...]
        }
    }
}

extension APIContext {
    /// The conditions of this request.
    var conditions: Conditions { Conditions(request.headers) }
}
