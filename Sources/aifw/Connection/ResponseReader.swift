internal import Wire

/// Reads one HTTP/1.1 answer (RFC 9112) from a source of bytes.
///
/// Lines are at most 16 KiB long, header fields at most 100, content at most 256 MiB (a backup of 10,000 peers is a tenth
/// of it). What is no HTTP, and content cut short, is an error; nothing is guessed.
struct ResponseReader {
    static let lineLimit = 16_384
    static let fieldLimit = 100
    static let contentLimit = 256 << 20

    /// Appends what has arrived and returns its length; 0 at the end.
    private let receive: (Bytes) throws(Failure) -> Int
    private var buffer = Bytes(capacity: 65_536)
    private var position = 0

    init(receive: @escaping (Bytes) throws(Failure) -> Int) {
        self.receive = receive
    }

    /// What an answer begins with.
    struct Head {
        let status: Int
        /// The header fields in their order, names in lower case.
        let fields: [(name: String, value: String)]

        /// The value of the first field of that name, given in lower case.
        func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    }

    /// The next final answer.
    mutating func response() throws(Failure) -> Response { try response(after: try head()) }

    /// The head of the next final answer.
    mutating func head() throws(Failure) -> Head {
        while true {
            let status = try statusLine()
            let fields = try fieldLines()
            if status >= 200 { return Head(status: status, fields: fields) }
        }
    }

    /// The answer whose head was read.
    mutating func response(after head: Head) throws(Failure) -> Response {
        let body = Bytes()
        var reusable = head.field("connection")?.lowercased() != "close"
        if head.field("transfer-encoding") != nil {
            while let chunk = try chunk(after: head) {
                guard body.count + chunk.count <= Self.contentLimit else {
                    throw .notUnderstood("it is too long")
                }
                chunk.withUnsafeBytes { body.append($0) }
            }
        } else if let length = head.field("content-length") {
            guard let count = Int(length), (0...Self.contentLimit).contains(count) else {
                throw .notUnderstood("a wrong Content-Length")
            }
            try take(count, into: body)
        } else if head.status != 204 && head.status != 304 {
            reusable = false
            try takeRest(into: body)
        }
        return Response(status: head.status, fields: head.fields, body: body, reusable: reusable)
    }

    /// The next chunk of the answer whose head was read, in memory that is wiped; nil behind the last.
    ///
    /// What was read is forgotten, so that an answer that goes on takes no more memory.
    mutating func chunk(after head: Head) throws(Failure) -> Bytes? {
        guard head.field("transfer-encoding")?.lowercased() == "chunked" else {
            throw .notUnderstood("a transfer coding other than chunked")
        }
        let size = try line().prefix { $0 != ";" && $0 != " " }
        guard size.utf8.count <= 8, !size.hasPrefix("+"), !size.hasPrefix("-"), let count = Int(size, radix: 16),
            count <= Self.contentLimit
        else { throw .notUnderstood("a wrong chunk size") }
        guard count > 0 else {
            _ = try fieldLines()
            return nil
        }
        let chunk = Bytes()
        try take(count, into: chunk)
        guard try line().isEmpty else { throw .notUnderstood("a chunk that is longer than its size") }
        forgetRead()
        return chunk
    }

    private mutating func statusLine() throws(Failure) -> Int {
        let line = try line()
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "HTTP/1.1" || parts[0] == "HTTP/1.0", parts[1].utf8.count == 3,
            let status = Int(parts[1]), (100...599).contains(status)
        else { throw .notUnderstood("it does not begin with an HTTP/1.1 status line") }
        return status
    }

    private mutating func fieldLines() throws(Failure) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        while true {
            let line = try line()
            if line.isEmpty { return fields }
            guard fields.count < Self.fieldLimit else { throw .notUnderstood("too many header fields") }
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
                throw .notUnderstood("a header line without a name")
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            let end = value.lastIndex { $0 != " " && $0 != "\t" }.map { value.index(after: $0) } ?? value.startIndex
            fields.append((name: line[..<colon].lowercased(), value: String(value[..<end])))
        }
    }

    /// The next line without its CRLF.
    private mutating func line() throws(Failure) -> String {
        let start = position
        while true {
            let end = buffer.withUnsafeBytes { $0[position...].firstIndex(of: UInt8(ascii: "\n")) }
            guard (end ?? buffer.count) - start <= Self.lineLimit else { throw .notUnderstood("too long a line") }
            if let end {
                position = end + 1
                return buffer.withUnsafeBytes { bytes in
                    let cut = end > start && bytes[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
                    return String(decoding: bytes[start..<cut], as: UTF8.self)
                }
            }
            position = buffer.count
            try receiveMore()
        }
    }

    private mutating func take(_ count: Int, into body: Bytes) throws(Failure) {
        while buffer.count - position < count { try receiveMore() }
        buffer.withUnsafeBytes { body.append(UnsafeRawBufferPointer(rebasing: $0[position..<(position + count)])) }
        position += count
    }

    private mutating func takeRest(into body: Bytes) throws(Failure) {
        while try receive(buffer) > 0 {
            guard buffer.count - position <= Self.contentLimit else { throw .notUnderstood("it is too long") }
        }
        try take(buffer.count - position, into: body)
    }

    private mutating func forgetRead() {
        guard position >= 65_536 || position == buffer.count else { return }
        let rest = Bytes(capacity: 65_536)
        buffer.withUnsafeBytes { rest.append(UnsafeRawBufferPointer(rebasing: $0[position...])) }
        (buffer, position) = (rest, 0)
    }

    private func receiveMore() throws(Failure) {
        guard try receive(buffer) > 0 else { throw .connectionLost(errno: 0) }
    }
}
