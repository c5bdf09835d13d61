internal import Wire

/// One event of a stream.
struct ServerEvent: Equatable {
    let name: String
    let data: String
}

/// Reads an event stream (WHATWG HTML, section 9.2.6) from bytes as they come, however they are cut.
///
/// A line is at most ``lineLimit`` bytes long, and so is the data of an event.
struct EventParser {
    static let lineLimit = 1 << 20

    /// From where the stream goes on when it has to be asked for again; nil as long as it has not said.
    private(set) var lastID: String?
    private var newID: String?
    private var line: [UInt8] = []
    private var name = ""
    private var data: String?
    /// The last byte was a CR: an LF behind it ends no line of its own.
    private var isBehindReturn = false

    init(lastID: String? = nil) {
        self.lastID = lastID
        newID = lastID
    }

    /// Takes the next bytes, and returns the events that end in them.
    mutating func take(_ bytes: Bytes) throws(Failure) -> [ServerEvent] {
        var events: [ServerEvent] = []
        for byte in bytes.withUnsafeBytes({ Array($0) }) {
            defer { isBehindReturn = byte == UInt8(ascii: "\r") }
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                guard line.count + (data?.utf8.count ?? 0) < Self.lineLimit else {
                    throw .notUnderstood("too long an event")
                }
                line.append(byte)
                continue
            }
            if byte == UInt8(ascii: "\n"), isBehindReturn { continue }
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    /// Takes the line that has ended; returns the event that an empty one ends.
    private mutating func endLine() -> ServerEvent? {
        defer { line = [] }
        guard !line.isEmpty else { return endBlock() }
        let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count > 1 ? parts[1] : []
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        let text = String(decoding: value, as: UTF8.self)
        switch String(decoding: parts[0], as: UTF8.self) {
        case "event": name = text
        case "data": data = data.map { $0 + "\n" + text } ?? text
        case "id" where !value.contains(0): newID = text
        default: break
        }
        return nil
    }

    private mutating func endBlock() -> ServerEvent? {
        lastID = newID
        defer { (name, data) = ("", nil) }
        return data.map { ServerEvent(name: name.isEmpty ? "message" : name, data: $0) }
    }
}
