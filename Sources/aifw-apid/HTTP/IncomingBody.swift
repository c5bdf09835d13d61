import HTTPTypes
import HummingbirdCore
import NIOCore

/// The body of one request as it comes in: read by the handler, and what the handler leaves is discarded, up to a limit.
///
/// Without this, HummingbirdCore would read on for as long as a client sends, after the answer and for no use, and wait
/// as long as a client likes. What the handler reads is counted, for it is kept until the answer is sent.
final class IncomingBody: AsyncSequence, @unchecked Sendable {
    // Unchecked, for it is read by one at a time: by the handler, then, when that has answered, by `discard`.
    typealias Element = ByteBuffer

    /// How much of a body is read after the answer before the connection (with HTTP/2, the stream) is ended.
    static let discardLimit = 1 << 20

    /// There is more of a body than is worth reading to keep its connection.
    struct TooMuchError: Error {}

    private var iterator: RequestBody.AsyncIterator
    private let announced: Int
    private let memory: BodyMemory
    private let pace: Timeouts.Pace
    private let start = ContinuousClock.now
    private var share = BodyMemory.Share()
    private var count = 0

    /// `request` with this as its body, which says how long it will be (0 if it does not say).
    init(_ request: Request, memory: BodyMemory, pace: Timeouts.Pace) {
        iterator = request.body.makeAsyncIterator()
        announced = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        self.memory = memory
        self.pace = pace
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let body: IncomingBody

        func next() async throws -> ByteBuffer? { try await body.nextKept() }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }

    /// Reads what is left, and throws if that is too much.
    func discard() async throws {
        var discarded = 0
        while let part = try await next() {
            discarded += part.readableBytes
            guard discarded <= Self.discardLimit else { throw TooMuchError() }
        }
    }

    /// Says that nothing of it is kept any more.
    func forget() { memory.release(&share) }

    private func nextKept() async throws -> ByteBuffer? {
        // All at once, so that two that each have half of what they need never wait for each other.
        if count == 0, announced > 0 { try keep(announced) }
        guard let part = try await next() else { return nil }
        try keep(count)
        return part
    }

    private func keep(_ size: Int) throws(Problem) {
        guard memory.grow(&share, to: size) else {
            throw Problem(.busy, "There are too many bodies in work at once; send this one again.")
                .retry(afterSeconds: 2)
        }
    }

    /// The next part. A body that stands still is ended by its connection's timeout; one that trickles in, here.
    private func next() async throws -> ByteBuffer? {
        guard let part = try await iterator.next() else { return nil }
        count += part.readableBytes
        guard ContinuousClock.now - start <= pace.time(for: count) else {
            throw Problem(
                .tooSlow, "The body comes too slowly: \(pace.bytes) bytes a second at least are expected.")
        }
        return part
    }
}
