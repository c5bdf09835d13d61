import HTTPTypes
import HummingbirdCore
import NIOCore

/// Writes a long answer slice by slice, each when the one before is on its way, and closes the connection of a client
/// that takes none for too long.
///
/// Whole, it would be in memory a second time, encrypted, for as long as the client likes.
struct SlicedBody<Base: ResponseBodyWriter>: ResponseBodyWriter {
    var base: Base
    let channel: any Channel
    /// How long one slice may take.
    let limit: TimeAmount

    mutating func write(_ buffer: ByteBuffer) async throws {
        var rest = buffer
        while let slice = rest.readSlice(length: min(rest.readableBytes, sliceLength)), slice.readableBytes > 0 {
            let channel = channel
            let deadline = channel.eventLoop.scheduleTask(in: limit) { ConnectionDoor.shut(channel) }
            defer { deadline.cancel() }
            try await base.write(slice)
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws { try await base.finish(trailingHeaders) }
}

/// How long a slice is, and an answer that is written at once. The limit up to which NIO takes bytes for a connection
/// without making the writer wait is as long.
private let sliceLength = 64 << 10

extension ResponseWriter {
    /// Writes head and body, a long body in slices.
    consuming func write(_ response: Response, on channel: any Channel, slice limit: TimeAmount) async throws {
        if let length = response.body.contentLength, length <= sliceLength {
            return try await write(response: response.head, body: response.body)
        }
        let base = try await writeHead(response.head)
        try await response.body.write(SlicedBody(base: base, channel: channel, limit: limit))
    }
}
