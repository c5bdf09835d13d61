import GRDB
import Synchronization
import Wire

/// The one line in which all writes wait: what has gathered while the disk was busy becomes the next SQLite transaction.
///
/// First come, first served, at most ``groupLimit`` changes a transaction, each under a savepoint of its own. Callers are
/// resumed after the commit. Everything happens on the writer's dispatch queue, so a change may block there.
final class WriteQueue: Sendable {
    /// The most changes of one transaction: what a caller waits for at most besides its own.
    static let groupLimit = 256

    private let pool: DatabasePool
    private let tokens: TokenCache
    private let sessions: SessionCache
    private let revisions: RevisionSignal
    private let meter: StoreMeter
    private let clock: @Sendable () -> Timestamp
    private let line = Mutex(Line())
    private let hints = Mutex(AddressHints())
    private let lostCommit = Mutex<LostCommit?>(nil)
    private let deletion = Mutex<Deletion?>(nil)

    /// What puts the kernel right after changes that it has been told of were lost.
    typealias LostCommit = @Sendable (ReadTransaction) -> Void

    /// What forgets tunnels that are gone for good.
    typealias Deletion = @Sendable ([ObjectID]) -> Void

    private struct Line {
        var waiting: [Waiting] = []
        /// Whether a turn on the writer's queue is under way or asked for.
        var isBusy = false
    }

    /// A change with its caller.
    private struct Waiting: Sendable {
        /// What the caller is about, if it may be done once only.
        let request: IdempotentRequest?
        /// Runs the change and returns what resumes its caller once it is committed.
        let run: @Sendable (WriteTransaction) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    init(
        pool: DatabasePool, tokens: TokenCache, sessions: SessionCache, revisions: RevisionSignal,
        meter: StoreMeter, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.pool = pool
        self.tokens = tokens
        self.sessions = sessions
        self.revisions = revisions
        self.meter = meter
        self.clock = clock
    }

    /// See ``Store/onLostCommit(_:)``.
    func onLostCommit(_ action: @escaping LostCommit) { lostCommit.withLock { $0 = action } }

    /// See ``Store/onDeletedTunnels(_:)``.
    func onDeletedTunnels(_ action: @escaping Deletion) { deletion.withLock { $0 = action } }

    /// Where the search for free addresses begins, as of the last commit.
    var committedHints: AddressHints { hints.withLock { $0 } }

    /// How many changes wait for their turn.
    var backlog: Int { line.withLock { $0.waiting.count } }

    func run<Result: Sendable>(
        _ change: @escaping @Sendable (WriteTransaction) throws -> Result
    ) async throws -> Result {
        // Without a cancellation handler: once it is in line, a change is done or not, but never half.
        try await withCheckedThrowingContinuation { continuation in
            enqueue(
                Waiting(
                    request: IdempotentRequest.current,
                    run: { transaction in
                        let result = try change(transaction)
                        return { continuation.resume(returning: result) }
                    },
                    fail: { continuation.resume(throwing: $0) }))
        }
    }

    private func enqueue(_ waiting: Waiting) {
        let isFirst = line.withLock { line in
            line.waiting.append(waiting)
            defer { line.isBusy = true }
            return !line.isBusy
        }
        if isFirst { pool.asyncWriteWithoutTransaction(turn) }
    }

    /// One transaction, and the request for the next turn if there is more.
    private func turn(_ database: Database) {
        let group = line.withLock { line in
            let group = Array(line.waiting.prefix(Self.groupLimit))
            line.waiting.removeFirst(group.count)
            return group
        }
        commit(group, in: database)
        let isMore = line.withLock { line in
            line.isBusy = !line.waiting.isEmpty
            return line.isBusy
        }
        if isMore { pool.asyncWriteWithoutTransaction(turn) }
    }

    private func commit(_ group: [Waiting], in database: Database) {
        let state = GroupState(hints: committedHints)
        do {
            try database.beginTransaction(.immediate)
        } catch {
            meter.failed()
            for waiting in group { waiting.fail(StoreError.notWritten(error)) }
            return
        }
        var done: [(waiting: Waiting, resume: @Sendable () -> Void)] = []
        do {
            for waiting in group {
                if let resume = try apply(waiting, state, in: database) { done.append((waiting, resume)) }
            }
            try database.commit()
        } catch {
            meter.failed()
            // The caller whose change met the failure has its error already; those behind it have not run.
            if database.isInsideTransaction { try? database.rollback() }
            while let undo = state.undo.popLast() { undo() }
            let now = clock()
            if let action = lostCommit.withLock({ $0 }) {
                action(ReadTransaction(database: database, hints: committedHints, now: now))
            }
            for (waiting, _) in done { waiting.fail(StoreError.notWritten(error)) }
            for waiting in group.dropFirst(state.started) { waiting.fail(StoreError.notWritten(error)) }
            return
        }
        meter.committed()
        hints.withLock { $0 = state.hints }
        if state.tokensChanged { tokens.invalidate() }
        if state.sessionsChanged { sessions.invalidate() }
        if !state.deletedTunnels.isEmpty, let action = deletion.withLock({ $0 }) { action(state.deletedTunnels) }
        if let revision = state.revision { revisions.advance(to: revision) }
        for (_, resume) in done { resume() }
    }

    /// Runs one change under a savepoint. Its own failure is told to its caller and nil returned; thrown is what ends the
    /// whole transaction: SQLite has rolled it back (full disk, input or output), or the savepoint can't be undone.
    private func apply(
        _ waiting: Waiting, _ state: GroupState, in database: Database
    ) throws -> (@Sendable () -> Void)? {
        let before = state.snapshot
        try database.execute(sql: "SAVEPOINT change")
        state.started += 1
        do {
            state.isKeyNoted = false
            let transaction = WriteTransaction(
                database: database, state: state, now: clock(), request: waiting.request)
            let resume = try waiting.run(transaction)
            try database.execute(sql: "RELEASE change")
            return resume
        } catch {
            waiting.fail(error)
            state.snapshot = before
            guard database.isInsideTransaction else { throw error }
            try database.execute(sql: "ROLLBACK TO change; RELEASE change")
            return nil
        }
    }
}
