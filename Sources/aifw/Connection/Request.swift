internal import Wire

/// One call of the REST API.
struct Request {
    enum Method: String {
        case get = "GET"
        case post = "POST"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// What a request carries.
    enum Content {
        case json(JSON)
        /// Bytes as they are, of a media type.
        case file(Bytes, type: String)
    }

    /// What every path of the API begins with.
    static let base = "/api/v1"

    let method: Method
    /// The segments of the path behind ``base``, unescaped.
    let path: [String]
    /// The query's names and values, unescaped.
    let query: [(name: String, value: String)]
    /// The media type that is asked for.
    let accept: String
    let content: Content?

    init(
        _ method: Method, _ path: [String], query: [(name: String, value: String)] = [],
        accept: String = "application/json", body: JSON? = nil
    ) {
        self.init(method, path, query: query, accept: accept, content: body.map(Content.json))
    }

    init(
        _ method: Method, _ path: [String], query: [(name: String, value: String)] = [],
        accept: String = "application/json", content: Content?
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.accept = accept
        self.content = content
    }

    /// The path and query as they stand in the request line (RFC 9112, section 3.2.1).
    var target: String {
        let pairs = query.map { Self.escaped($0.name) + "=" + Self.escaped($0.value) }
        return Self.base + path.map { "/" + Self.escaped($0) }.joined()
            + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }

    /// The request as HTTP/1.1 has it, in memory that is wiped: the body may carry a key.
    var serialized: Bytes {
        let bytes = Bytes(capacity: 512)
        bytes.append("\(method.rawValue) \(target) HTTP/1.1\r\n".utf8)
        bytes.append("Host: localhost\r\nUser-Agent: aifw\r\nAccept: \(accept)\r\n".utf8)
        if let (type, body) = body {
            bytes.append("Content-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
            body.withUnsafeBytes { bytes.append($0) }
        } else {
            bytes.append(method == .post ? "Content-Length: 0\r\n\r\n" : "\r\n")
        }
        return bytes
    }

    private var body: (type: String, bytes: Bytes)? {
        switch content {
        case nil: nil
        case .json(let json): ("application/json", json.serialized)
        case .file(let bytes, let type): (type, bytes)
        }
    }

    /// Everything but the unreserved characters of RFC 3986, section 2.3, as `%XX`.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.append(Character(UnicodeScalar(byte)))
            default:
                escaped.append("%")
                escaped.append(digits[Int(byte >> 4)])
                escaped.append(digits[Int(byte & 15)])
            }
        }
        return escaped
    }
}
