import Synchronization

/// All tokens by their hashes, in memory, so that a request does not wait for SQLite to learn who asks.
///
/// They are looked up by hash, and the token has 256 random bits: how long a look-up takes tells nobody anything.
final class TokenCache: Sendable {
    private struct Known {
        var tokens: [[UInt8]: TokenRecord]?
        /// Grows with each change, so that a reading from before it is not kept.
        var generation = 0
    }

    private let known = Mutex(Known())

    /// What is known, read by `load` if a token was made or deleted since.
    func all(load: () async throws -> [TokenRecord]) async throws -> [[UInt8]: TokenRecord] {
        let (cached, generation) = known.withLock { ($0.tokens, $0.generation) }
        if let cached { return cached }
        let tokens = Dictionary(try await load().map { ($0.hash, $0) }, uniquingKeysWith: { first, _ in first })
        known.withLock { if $0.generation == generation { $0.tokens = tokens } }
        return tokens
    }

    func invalidate() {
        known.withLock { known in
            known.tokens = nil
            known.generation += 1
        }
    }
}
