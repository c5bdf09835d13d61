import Synchronization
import Wire

/// All sessions by their hashes, in memory, and when each was last used: a request does not wait for SQLite to learn who
/// asks, nor to say that it came.
final class SessionCache: Sendable {
    /// How far what is written down may be behind what is known here.
    static let delay: Int64 = 60_000

    private struct Known {
        var sessions: [[UInt8]: SessionRecord]?
        /// Grows with each change, so that a reading from before it is not kept.
        var generation = 0
        var uses: [[UInt8]: Use] = [:]
    }

    private struct Use {
        var last: Timestamp
        /// What is in the database, or on its way there.
        var written: Timestamp
    }

    private let known = Mutex(Known())

    /// The session with this hash, as ``TokenCache`` has it; read by `load` if any was made or ended since.
    func session(_ hash: [UInt8], load: () async throws -> [SessionRecord]) async throws -> SessionRecord? {
        let (cached, generation) = known.withLock { ($0.sessions, $0.generation) }
        if let cached { return cached[hash] }
        let sessions = Dictionary(try await load().map { ($0.hash, $0) }, uniquingKeysWith: { first, _ in first })
        known.withLock { known in
            guard known.generation == generation else { return }
            known.sessions = sessions
            known.uses = known.uses.filter { sessions[$0.key] != nil }
        }
        return sessions[hash]
    }

    /// Whether the session still lasts; if so, it is used now.
    ///
    /// - Returns: nil if it has ended; else whether the use is to be written down.
    func use(_ session: SessionRecord, at time: Timestamp) -> Bool? {
        known.withLock { known in
            var use = known.uses[session.hash] ?? Use(last: session.seenAt, written: session.seenAt)
            guard session.isValid(at: time, seenAt: use.last) else { return nil }
            use.last = max(use.last, time)
            let isDue = use.last.milliseconds - use.written.milliseconds >= Self.delay
            if isDue { use.written = use.last }
            known.uses[session.hash] = use
            return isDue
        }
    }

    /// Whether the session lasts still; it is not used by that.
    func lasts(_ session: SessionRecord, at time: Timestamp) -> Bool {
        known.withLock { session.isValid(at: time, seenAt: $0.uses[session.hash]?.last ?? session.seenAt) }
    }

    /// The use could not be written down: the next one is to be.
    func forgetWriting(of session: SessionRecord) {
        known.withLock { $0.uses[session.hash]?.written = session.seenAt }
    }

    func invalidate() {
        known.withLock { known in
            known.sessions = nil
            known.generation += 1
        }
    }
}
