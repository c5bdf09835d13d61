import HummingbirdCore
import NIOCore

/// The body of one request as it comes in: read by the handler, and what the handler leaves is discarded, up to a limit.
///
/// Without this, HummingbirdCore would read on for as long as a client sends, after the answer and for no use.
final class IncomingBody: AsyncSequence, @unchecked Sendable {
    // Unchecked, for it is read by one at a time: by the handler, then, when that has answered, by `discard`.
    typealias Element = ByteBuffer

    /// How much of a body is read after the answer before the connection (with HTTP/2, the stream) is ended.
    static let discardLimit = 1 << 20

    /// There is more of a body than is worth reading to keep its connection.
    struct TooMuchError: Error {}

    private var iterator: RequestBody.AsyncIterator

    init(_ body: RequestBody) { iterator = body.makeAsyncIterator() }

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let body: IncomingBody

        func next() async throws -> ByteBuffer? { try await body.next() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }

    /// Reads what is left, and throws if that is too much.
    func discard() async throws {
        var count = 0
        while let part = try await next() {
            count += part.readableBytes
            guard count <= Self.discardLimit else { throw TooMuchError() }
        }
    }

    private func next() async throws -> ByteBuffer? { try await iterator.next() }
}
