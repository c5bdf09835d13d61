import HTTPTypes
import HummingbirdCore
import NIOCore
import Wire

/// The shapes of answers. Every body is written by Wire's writer, from values.
extension Response {
    /// `{"data": …}` and, if there are any, `"warnings": […]`.
    static func data(
        _ json: JSON, status: HTTPResponse.Status = .ok, etag: ETag? = nil, location: String? = nil,
        warnings: [String] = []
    ) -> Response {
        var members = [JSON.Member(name: "data", value: json)]
        if !warnings.isEmpty {
            members.append(.init(name: "warnings", value: .array(warnings.map { .text($0) })))
        }
        var response = bare(.object(members), status: status, etag: etag)
        if let location { response.headers[.location] = location }
        return response
    }

    /// 201 with `{"data": …}`; `location` is an absolute path.
    static func created(_ json: JSON, location: String, etag: ETag? = nil, warnings: [String] = []) -> Response {
        data(json, status: .created, etag: etag, location: location, warnings: warnings)
    }

    /// `{"data": […], "next_cursor": …, "total": …}`; the cursor only if there is more.
    static func list(_ items: [JSON], next: Cursor? = nil, total: Int) -> Response {
        list(items, nextText: next?.description, total: total)
    }

    /// The same for a list whose cursors are of another kind.
    static func list(_ items: [JSON], nextText next: String?, total: Int) -> Response {
        var members = [JSON.Member(name: "data", value: .array(items))]
        if let next { members.append(.init(name: "next_cursor", value: .text(next))) }
        members.append(.init(name: "total", value: .integer(Int64(total))))
        return bare(.object(members))
    }

    /// `{"message": "…"}`: delete, start, stop.
    static func message(_ text: String, etag: ETag? = nil) -> Response {
        bare(["message": .text(text)], etag: etag)
    }

    /// The value itself, without an envelope: `status`, `next-ip`.
    static func bare(_ json: JSON, status: HTTPResponse.Status = .ok, etag: ETag? = nil) -> Response {
        var response = bytes(json.serialized, type: "application/json", status: status)
        if let etag { response.headers[.eTag] = etag.description }
        return response
    }

    /// Bytes of another type, such as a configuration file.
    static func bytes(_ bytes: Bytes, type: String, status: HTTPResponse.Status = .ok) -> Response {
        let buffer = bytes.withUnsafeBytes { ByteBuffer(bytes: $0) }
        return Response(status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: buffer))
    }

    /// The same answer, not to be kept by anybody on the way: configurations, reveals, tokens.
    var notStored: Response {
        var response = self
        response.headers[.cacheControl] = "no-store"
        return response
    }

    static func problem(_ problem: Problem) -> Response {
        var response = bytes(problem.json.serialized, type: "application/problem+json", status: problem.code.status)
        for field in problem.headers { response.headers[field.name] = field.value }
        return response
    }

    /// 304 in place of `response`, with what RFC 9110, section 15.4.5, wants repeated, and the policies: a cache puts the
    /// fields of a 304 in the place of those that it has stored (RFC 9111, section 4.3.4), so a page would lose its own.
    static func notModified(_ response: Response) -> Response {
        var headers = HTTPFields()
        let kept: [HTTPField.Name] = [
            .eTag, .cacheControl, .contentLocation, .vary, .contentSecurityPolicy, .permissionsPolicy,
            .crossOriginOpenerPolicy, .crossOriginResourcePolicy,
        ]
        for name in kept {
            if let value = response.headers[name] { headers[name] = value }
        }
        var unmodified = Response(status: .notModified, headers: headers)
        // A 304 has no body, and a length of 0 would be taken for that of the object.
        unmodified.headers[.contentLength] = nil
        return unmodified
    }
}
