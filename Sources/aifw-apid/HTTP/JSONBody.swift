import HTTPTypes
import HummingbirdCore
import NIOCore
import Wire

extension APIContext {
    /// The request's body: whole, at most as long as the route permits, in memory that is wiped.
    ///
    /// Throws 413, and 415 if it is compressed. A length that is announced has been checked before the handler is called.
    func bytes() async throws -> Bytes {
        if let received { return received }
        let codings = request.headers[values: .contentEncoding].flatMap { $0.lowercased().split(separator: ",") }
        guard codings.allSatisfy({ $0.filter { $0 != " " && $0 != "\t" } == "identity" }) else {
            throw Problem(
                .unsupportedMediaType, "The body must be sent as it is, without a Content-Encoding.",
                headers: [.acceptEncoding: "identity"])
        }
        let limit = route.bodyLimit
        let announced = request.headers[.contentLength].flatMap { Int($0) } ?? 512
        let bytes = Bytes(capacity: min(max(announced, 0), limit))
        for try await part in request.body {
            guard bytes.count + part.readableBytes <= limit else { throw Problem.tooLarge(limit) }
            part.withUnsafeReadableBytes { bytes.append($0) }
        }
        return bytes
    }

    /// The request's body as JSON.
    ///
    /// Throws 415 if it is announced as something else, 413, and 400 with the place if it is empty or no JSON. A body
    /// without a content type is taken for what it is asked to be.
    func json() async throws -> JSON {
        if let type = request.headers[.contentType], !Self.isJSON(type, request.method) {
            let merge = request.method == .patch ? " or application/merge-patch+json" : ""
            throw Problem(.unsupportedMediaType, "The body must be sent as application/json\(merge).")
        }
        let bytes = try await bytes()
        guard !bytes.isEmpty else { throw Problem(.notJSON, "The body is empty; a JSON object is needed here.") }
        return try JSONParser.parse(bytes, valueLimit: Self.valueLimit)
    }

    /// The most values of a body, which take 32 MiB as ``JSON``: a hundred for each of 10,000 objects.
    static let valueLimit = 1_000_000

    /// The request's body as one JSON object, ready to be read member by member. Another kind of value is a 422.
    func body() async throws -> BodyReader {
        let json = try await json()
        guard let reader = BodyReader(json) else { throw Problem.notAnObject(json) }
        return reader
    }

    /// Whether a content type is one of JSON.
    static func isJSON(_ type: String, _ method: HTTPRequest.Method) -> Bool {
        let essence = type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        if essence == "application/merge-patch+json" { return method == .patch }
        // RFC 6839, section 3.1: whatever ends in "+json" is JSON.
        return essence == "application/json" || (essence.hasPrefix("application/") && essence.hasSuffix("+json"))
    }
}

extension BodyReader {
    /// Throws 422 for any other kind of value than an object.
    static func reading(_ json: JSON) throws(Problem) -> BodyReader {
        guard let reader = BodyReader(json) else { throw Problem.notAnObject(json) }
        return reader
    }
}

extension Problem {
    /// 422 for a body that is JSON, but no object.
    static func notAnObject(_ json: JSON) -> Problem {
        invalid([.init(field: "", detail: "The body must be an object, not \(json.kind).")])
    }

    /// 413. Over HTTP/1 it ends the connection, for the rest of the body is still on its way (``HTTP1Rules``).
    static func tooLarge(_ limit: Int) -> Problem {
        Problem(.tooLarge, "The body may be \(limit) bytes long at most.")
    }
}
