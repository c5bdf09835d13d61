import Glibc
import Synchronization

/// The threads on which passwords are hashed: two at most, for each hash takes 64 MiB and a tenth of a second of a
/// processor. ``places`` further jobs wait; who comes then is refused.
///
/// They are threads of their own, so that neither event loops nor tasks wait for a hash, made when there is work and gone
/// when there is none.
final class HashingThreads: Sendable {
    static let threads = 2
    static let places = 16

    /// All places are taken, or the system has no thread left.
    struct BusyError: Error {}

    private typealias Job = @Sendable () -> Void

    private struct Line {
        var waiting: [Job] = []
        var running = 0
    }

    private enum Place {
        case thread, line, none
    }

    private let line = Mutex(Line())

    /// How many jobs wait for a thread.
    var waiting: Int { line.withLock { $0.waiting.count } }

    /// Runs `job` when a thread is free; throws ``BusyError``.
    func run<Result: Sendable>(_ job: @escaping @Sendable () -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let whole: Job = { continuation.resume(returning: job()) }
            let place = line.withLock { line -> Place in
                if line.running < Self.threads {
                    line.running += 1
                    return .thread
                }
                guard line.waiting.count < Self.places else { return .none }
                line.waiting.append(whole)
                return .line
            }
            switch place {
            case .line: break
            case .none: continuation.resume(throwing: BusyError())
            case .thread:
                if !start(whole) {
                    // Who waits goes on waiting for the other thread; without one nobody waits.
                    line.withLock { $0.running -= 1 }
                    continuation.resume(throwing: BusyError())
                }
            }
        }
    }

    /// A detached thread that does `first`, and then what waits (pthread_create(3)); false if there is none to be had.
    private func start(_ first: @escaping Job) -> Bool {
        let work = Unmanaged.passRetained(Work { [self] in serve(first) })
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { pointer in
                if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            }, work.toOpaque())
        guard status == 0 else {
            work.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func serve(_ first: @escaping Job) {
        var next: Job? = first
        while let job = next {
            job()
            next = line.withLock { line in
                guard line.waiting.isEmpty else { return line.waiting.removeFirst() }
                line.running -= 1
                return nil
            }
        }
    }

    private final class Work: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
