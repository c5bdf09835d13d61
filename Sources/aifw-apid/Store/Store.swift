import FoundationEssentials
import GRDB
import Glibc
import Wire

/// What should be: tunnels, peers, tokens and the log of all changes, in one SQLite file.
///
/// A write that has returned is on the disk (WAL with `synchronous=FULL`). Writes wait for each other and are grouped
/// (``WriteQueue``); reads see a snapshot and wait for nobody. One process has the file open.
final class Store: Sendable {
    let pool: DatabasePool
    private let writes: WriteQueue
    /// The folder that the file is in, with a slash at its end; empty for the one that the process is in.
    let folder: String
    private let tokens = TokenCache()
    let sessions = SessionCache()
    /// The last change's number, and word of the next.
    let revisions: RevisionSignal
    private let clock: @Sendable () -> Timestamp

    /// Opens the database at `path`, makes it if it is not there (mode 0600), and brings its schema up to date.
    ///
    /// Throws ``StoreError/newer`` if a later version of this program has written it.
    init(path: String, clock: @escaping @Sendable () -> Timestamp = { .now }, meters: Meters = Meters()) throws {
        try Self.makePrivate(path)
        let pool = try DatabasePool(path: path, configuration: Self.configuration)
        try pool.writeWithoutTransaction { database in
            // FULL: a commit has reached the disk when it returns. Only now, for GRDB sets NORMAL when it opens a WAL database.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            guard try !Schema.migrator.hasBeenSuperseded(database) else { throw StoreError.newer }
        }
        try Schema.migrator.migrate(pool)
        self.pool = pool
        self.clock = clock
        folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let last: Int64 = try pool.read { try $0.first("SELECT max(number) FROM revision")?[0] ?? 0 }
        revisions = RevisionSignal(last: last)
        writes = WriteQueue(
            pool: pool, tokens: tokens, sessions: sessions, revisions: revisions, meter: meters.store, clock: clock)
    }

    /// The time of the store's clock.
    var now: Timestamp { clock() }

    /// Runs `change` with all others in their order, and returns when it is on the disk.
    ///
    /// It runs on the writer's own queue and may block there: what the kernel must do is done inside it, last. If it throws,
    /// what it wrote is rolled back, and nothing of any other change. A cancelled caller's change runs to its end.
    func write<Result: Sendable>(
        _ change: @escaping @Sendable (WriteTransaction) throws -> Result
    ) async throws -> Result {
        try await writes.run(change)
    }

    /// How many writes wait for their turn.
    var backlog: Int { writes.backlog }

    /// Has `action` called on the writer's queue, before the next change, when a commit has failed after changes had run: the
    /// kernel may have been told of what is not so. It gets the database as it is.
    func onLostCommit(_ action: @escaping WriteQueue.LostCommit) { writes.onLostCommit(action) }

    /// Has `action` called on the writer's queue, before callers are resumed, when a commit has deleted tunnels.
    func onDeletedTunnels(_ action: @escaping WriteQueue.Deletion) { writes.onDeletedTunnels(action) }

    /// Runs `look` on a snapshot of what is committed; writes go on meanwhile.
    func read<Result: Sendable>(
        _ look: @escaping @Sendable (ReadTransaction) throws -> Result
    ) async throws -> Result {
        let hints = writes.committedHints
        let now = clock()
        return try await pool.read { database in
            try look(ReadTransaction(database: database, hints: hints, now: now))
        }
    }

    /// Asks the file for something; throws if it does not answer.
    func check() async throws { try await pool.read { try $0.execute(sql: "SELECT 1") } }

    /// The token with this hash, if there is one and it has not expired. Most often answered from memory.
    func token(hash: [UInt8]) async throws -> TokenRecord? {
        let known = try await tokens.all { try await self.read { try $0.tokens() } }
        guard let token = known[hash] else { return nil }
        return token.isValid(at: clock()) ? token : nil
    }

    /// Ends all connections. Writes that wait still are refused.
    func close() throws { try pool.close() }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "aifw"
        configuration.maximumReaderCount = 3
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // The cache is in KiB where it is negative.
            try database.execute(sql: "PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    /// SQLite gives its journals the mode of the database, so the database must have the right one before it is opened.
    private static func makePrivate(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StoreError.unusable(path: path, errno: errno) }
        defer { _ = Glibc.close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw StoreError.unusable(path: path, errno: errno) }
    }
}

extension Timestamp {
    /// The time of the system's clock.
    static var now: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
