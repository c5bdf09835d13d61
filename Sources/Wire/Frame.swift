/// The frame of both directions: a 4-byte big-endian length, then that many bytes of UTF-8 JSON (docs/PROTOCOL.md).
public enum Frame {
    /// The bytes of the length.
    public static let headerLength = 4
    /// The most a frame may hold behind its length: 1 MiB. Checked before any memory is set aside for it.
    public static let maximumLength = 1 << 20
    /// How long half a frame may stay half, in milliseconds, before the connection is closed.
    public static let completionTimeout: Int32 = 2_000

    /// The length that `header` announces.
    ///
    /// - Parameter header: exactly ``headerLength`` bytes.
    public static func length(of header: UnsafeRawBufferPointer) throws(Refusal) -> Int {
        precondition(header.count == headerLength, "a header has 4 bytes")
        let length = header.reduce(0) { $0 << 8 | Int($1) }
        guard length > 0 else { throw Refusal(.malformed, "a frame of no bytes") }
        guard length <= maximumLength else {
            throw Refusal(.malformed, "a frame of \(length) bytes; at most \(maximumLength) are taken")
        }
        return length
    }

    /// A frame around `body`, length included.
    public static func encode(_ body: JSON) throws(Refusal) -> Bytes {
        let bytes = Bytes(capacity: 512)
        bytes.append([0, 0, 0, 0])
        body.write(to: bytes)
        let length = bytes.count - headerLength
        guard length <= maximumLength else {
            throw Refusal(.malformed, "the message has \(length) bytes; a frame holds at most \(maximumLength)")
        }
        bytes.replace(at: 0, with: (0..<headerLength).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) })
        return bytes
    }

    /// The one member of the object in `body`: the verb and what it carries.
    static func message(in body: Bytes) throws(Refusal) -> JSON.Member {
        let json: JSON
        do {
            json = try JSONParser.parse(body)
        } catch {
            throw Refusal(.malformed, "not the JSON of a frame: \(error)")
        }
        guard case .object(let members) = json, members.count == 1 else {
            throw Refusal(.malformed, "a frame holds an object of exactly one member, the verb")
        }
        return members[0]
    }
}
