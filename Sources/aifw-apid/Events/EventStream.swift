import HummingbirdCore
import NIOCore

/// One answer that goes on: it sends what its follower makes of the log, and what is posted, for as long as the client
/// takes it and may have it.
///
/// It holds one small batch of changes at a time; a client that takes none of it for too long is cut off by
/// ``SlicedBody``.
struct EventStream: Sendable {
    /// After how long a silence there is a heartbeat.
    static let heartbeat = Duration.seconds(15)

    let store: Store
    let place: EventHub.Place
    let credential: StreamCredential
    let follower: Follower
    /// The revision with which it ends; nil if it goes on.
    let end: Int64?

    /// Writes the whole answer.
    func run(_ writer: inout any ResponseBodyWriter) async throws {
        var follower = follower
        var lastWrite = ContinuousClock.now
        try await writer.write(ByteBuffer(follower.opening()))
        while !place.mailbox.isOver, try await credential.lasts(in: store) {
            let (changes, isMore) = try await changes(behind: follower.position)
            var content = place.mailbox.take()
            let blocks = follower.take(changes)
            if !blocks.isEmpty { content.insert(ByteBuffer(blocks), at: 0) }
            if content.isEmpty, ContinuousClock.now - lastWrite >= Self.heartbeat {
                content = [ByteBuffer([follower.heartbeat()])]
            }
            for content in content {
                try await writer.write(content)
                lastWrite = .now
            }
            if let end, follower.position >= end { break }
            if !isMore { await place.mailbox.wait() }
        }
        try await writer.finish(nil)
    }

    /// The next batch, and whether there is more.
    private func changes(behind position: Int64) async throws -> ([AuditEntry], Bool) {
        guard store.revisions.last > position else { return ([], false) }
        let changes = try await store.read { try $0.changes(after: position, limit: Follower.batch) }
        return (changes, changes.count == Follower.batch)
    }
}
