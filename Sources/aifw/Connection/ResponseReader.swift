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
    private let buffer = Bytes(capacity: 65_536)
    private var position = 0

    init(receive: @escaping (Bytes) throws(Failure) -> Int) {
        self.receive = receive
    }

    /// The next final answer.
    mutating func response() throws(Failure) -> Response {
        while true {
            let status = try statusLine()
            let fields = try fieldLines()
            guard status >= 200 else { continue }
            let named = { (name: String) in fields.first { $0.name == name }?.value }
            let body = Bytes()
            var reusable = named("connection")?.lowercased() != "close"
            if let coding = named("transfer-encoding") {
                guard coding.lowercased() == "chunked" else {
                    throw .notUnderstood("a transfer coding other than chunked")
                }
                try chunks(into: body)
            } else if let length = named("content-length") {
                guard let count = Int(length), (0...Self.contentLimit).contains(count) else {
                    throw .notUnderstood("a wrong Content-Length")
                }
                try take(count, into: body)
            } else if status != 204 && status != 304 {
                reusable = false
                try takeRest(into: body)
            }
            return Response(status: status, fields: fields, body: body, reusable: reusable)
        }
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

    private mutating func chunks(into body: Bytes) throws(Failure) {
        while true {
            let size = try line().prefix { $0 != ";" && $0 != " " }
            guard size.utf8.count <= 8, !size.hasPrefix("+"), !size.hasPrefix("-"), let count = Int(size, radix: 16),
                body.count + count <= Self.contentLimit
            else { throw .notUnderstood("a wrong chunk size") }
            if count == 0 {
                _ = try fieldLines()
                return
            }
            try take(count, into: body)
            guard try line().isEmpty else { throw .notUnderstood("a chunk that is longer than its size") }
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

    private func receiveMore() throws(Failure) {
        guard try receive(buffer) > 0 else { throw .connectionLost(errno: 0) }
    }
}
