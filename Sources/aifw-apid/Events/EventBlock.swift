import NIOCore
import Wire

/// One block of an event stream: lines of fields, and the empty line that ends it (WHATWG HTML, section 9.2.5).
///
/// A block without data is no event, but its `id` becomes the client's last event id all the same (section 9.2.6).
struct EventBlock: Sendable, Equatable {
    /// A line of our own that a client passes over.
    var comment: String?
    /// After how many milliseconds a client that was cut off may come back.
    var retry: Int64?
    var event: String?
    /// The revision from which the client goes on when it comes back.
    var id: Int64?
    /// One line: JSON as this project writes it has no line breaks.
    var data: JSON?

    /// Appends the block as it is sent.
    func write(to buffer: inout ByteBuffer) {
        if let comment { buffer.writeString(": \(comment)\n") }
        if let retry { buffer.writeString("retry: \(retry)\n") }
        if let event { buffer.writeString("event: \(event)\n") }
        if let id { buffer.writeString("id: \(id)\n") }
        if let data {
            buffer.writeString("data: ")
            data.serialized.withUnsafeBytes { _ = buffer.writeBytes($0) }
            buffer.writeString("\n")
        }
        buffer.writeString("\n")
    }
}

extension ByteBuffer {
    /// The blocks one behind the other.
    init(_ blocks: some Sequence<EventBlock>) {
        self.init()
        for block in blocks { block.write(to: &self) }
    }
}
