import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// Has each request with an idempotency key carried out once, and answers its repetitions.
///
/// Kept is what succeeded. A request that failed has changed nothing, so a repetition is carried out anew; one that failed
/// after its first change was committed is not, for its key was committed with that.
final class Idempotency: Sendable {
    private let store: Store
    private let logger: Logger
    /// The requests that are being carried out: what they ask for, by their ids.
    private let running = Mutex<[[UInt8]: [UInt8]]>([:])

    init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// The answer of `handler`, or that of the first request with this key.
    func answer(
        _ request: IdempotentRequest, by handler: @escaping @Sendable () async throws -> Response
    ) async throws -> Response {
        try claim(request)
        defer { running.withLock { $0[request.id] = nil } }
        if let response = try await repetition(of: request) { return response }
        // In a task of its own: whoever hangs up meanwhile is who will ask again, so the answer is kept all the same.
        let task = Task {
            let response = try await IdempotentRequest.$current.withValue(request) { try await handler() }
            await keep(response, of: request)
            return response
        }
        return try await task.value
    }

    /// Throws 409 while the first request with the key is under way.
    private func claim(_ request: IdempotentRequest) throws(Problem) {
        let other = running.withLock { running in
            defer { if running[request.id] == nil { running[request.id] = request.fingerprint } }
            return running[request.id]
        }
        guard let other else { return }
        guard other == request.fingerprint else { throw Problem.keyReused }
        throw Problem(
            .idempotencyInProgress, "The first request with this Idempotency-Key is still being carried out; ask again."
        ).retry(afterSeconds: 1)
    }

    private func repetition(of request: IdempotentRequest) async throws -> Response? {
        let (record, keys) = try await store.read { transaction in
            (try transaction.idempotency(of: request), try transaction.idempotencyKeys(of: request.caller))
        }
        guard let record else {
            guard keys.count < IdempotencyRecord.keyLimit else { throw Problem.tooManyKeys(keys.oldestEndsIn) }
            return nil
        }
        guard record.fingerprint == request.fingerprint else { throw Problem.keyReused }
        switch record.outcome {
        case .answered(let answer): return Response(answer)
        case .secret:
            throw Problem(
                .idempotencySecretNotRepeated,
                "This was done\(record.words). Its answer held a secret, which is shown once and kept by nobody.")
        case .lost:
            throw Problem(
                .idempotencyAnswerLost,
                "This was done\(record.words), but its answer is not kept: read the object instead of asking again.")
        }
    }

    /// Keeps the answer of a request that was carried out. Where that fails, a repetition is told so: the key is with the
    /// change.
    private func keep(_ response: Response, of request: IdempotentRequest) async {
        guard response.status.kind == .successful else { return }
        do {
            let outcome = try await IdempotencyRecord.Outcome(response)
            try await store.write { try $0.keep(outcome, of: request) }
        } catch {
            logger.warning("an answer could not be kept for its repetition", metadata: ["error": .string("\(error)")])
        }
    }
}

extension Problem {
    fileprivate static let keyReused = Problem(
        .idempotencyKeyReused, "This Idempotency-Key was used for another path or body; every request needs its own.")

    fileprivate static func tooManyKeys(_ milliseconds: Int64) -> Problem {
        Problem(
            .tooManyRequests,
            "\(IdempotencyRecord.keyLimit) keys of this caller are kept, each for a day; send none, or come back later."
        ).retry(afterSeconds: Int(milliseconds / 1000) + 1)
    }
}

extension IdempotencyRecord {
    /// What was done, to be put behind "done".
    fileprivate var words: String {
        guard let done else { return "" }
        let object = done.object.map { " of \($0.kind.rawValue) \"\($0.name)\" (\($0.id))" } ?? ""
        return " at \(done.time): \(done.action.rawValue)\(object), revision \(done.revision)"
    }
}

extension IdempotencyRecord.Outcome {
    fileprivate init(_ response: Response) async throws {
        guard response.headers[.cacheControl] != "no-store" else {
            self = .secret
            return
        }
        guard let length = response.body.contentLength, length <= IdempotencyRecord.answerLimit else {
            self = .lost
            return
        }
        let collected = CollectedBody()
        try await response.body.write(CollectedBody.Writer(body: collected))
        self = .answered(
            IdempotentAnswer(
                status: response.status.code, contentType: response.headers[.contentType],
                location: response.headers[.location], etag: response.headers[.eTag],
                body: Array(collected.buffer.readableBytesView)))
    }
}

extension Response {
    fileprivate init(_ answer: IdempotentAnswer) {
        self.init(
            status: .init(code: answer.status), headers: [.idempotencyReplayed: "true"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
        headers[.contentType] = answer.contentType
        headers[.location] = answer.location
        headers[.eTag] = answer.etag
    }
}

/// The bytes of an answer's body.
private final class CollectedBody {
    var buffer = ByteBuffer()

    struct Writer: ResponseBodyWriter {
        let body: CollectedBody

        mutating func write(_ buffer: ByteBuffer) async throws { body.buffer.writeImmutableBuffer(buffer) }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}
