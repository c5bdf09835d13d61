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
    /// Further header fields; a value may be secret.
    let fields: [(name: String, value: Bytes)]

    init(
        _ method: Method, _ path: [String], query: [(name: String, value: String)] = [],
        accept: String = "application/json", body: JSON? = nil
    ) {
        self.init(method, path, query: query, accept: accept, content: body.map(Content.json))
    }

    init(
        _ method: Method, _ path: [String], query: [(name: String, value: String)] = [],
        accept: String = "application/json", content: Content?, fields: [(name: String, value: Bytes)] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.accept = accept
        self.content = content
        self.fields = fields
    }

    /// The path and query as they stand in the request line (RFC 9112, section 3.2.1).
    var target: String {
        let pairs = query.map { Self.escaped($0.name) + "=" + Self.escaped($0.value) }
        return Self.base + path.map { "/" + Self.escaped($0) }.joined()
            + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }

    /// The request as HTTP/1.1 has it, in memory that is wiped: the body may carry a key. A file follows behind it.
    var serialized: Bytes {
        let bytes = Bytes(capacity: 512)
        bytes.append("\(method.rawValue) \(target) HTTP/1.1\r\n".utf8)
        bytes.append("Host: localhost\r\nUser-Agent: aifw\r\nAccept: \(accept)\r\n".utf8)
        for (name, value) in fields {
            bytes.append("\(name): ".utf8)
            value.withUnsafeBytes { bytes.append($0) }
            bytes.append("\r\n")
        }
        if let (type, body) = body {
            bytes.append("Content-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
            if file == nil { body.withUnsafeBytes { bytes.append($0) } }
        } else {
            bytes.append(method == .post ? "Content-Length: 0\r\n\r\n" : "\r\n")
        }
        return bytes
    }

    /// The file that follows behind ``serialized``; nil where nothing does.
    var file: Bytes? {
        if case .file(let bytes, _)? = content { bytes } else { nil }
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

extension Request {
    /// The text that `XX` behind each `%` stands for; as it is where that is none.
    static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
