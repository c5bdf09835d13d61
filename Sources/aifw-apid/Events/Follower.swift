import Wire

/// What one stream has come to in the log, and what its caller is sent of what he has not seen: a value without input or
/// output.
struct Follower: Sendable, Equatable {
    /// How many changes are read at once: what a stream holds in memory.
    static let batch = 100
    /// How long a client waits before it comes back, in milliseconds.
    static let retry: Int64 = 2000

    let scopes: Scopes
    /// The revision up to which everything was looked at.
    private(set) var position: Int64
    /// The last id that the caller was sent.
    private var told: Int64?
    private let isReset: Bool

    init(from start: ResumePoint, scopes: Scopes) {
        self.scopes = scopes
        switch start {
        case .after(let revision): (position, isReset) = (revision, false)
        case .reset(let last): (position, isReset) = (last, true)
        }
    }

    /// What is sent first. It has an id, so that who is cut off before the first change misses none either.
    mutating func opening() -> [EventBlock] {
        told = position
        let first = EventBlock(retry: Self.retry, id: position)
        guard isReset else { return [first] }
        return [first, EventBlock(event: "reset", id: position, data: ["revision": .integer(position)])]
    }

    /// Looks at the changes behind ``position``, at most ``batch``, and returns what is sent of them.
    ///
    /// Behind a whole batch, the id moves on past what the caller may not see: he need not have it looked through again.
    mutating func take(_ changes: [AuditEntry]) -> [EventBlock] {
        var blocks: [EventBlock] = []
        for change in changes where change.revision > position {
            position = change.revision
            guard change.isTold(to: scopes) else { continue }
            blocks.append(change.event)
            told = position
        }
        if changes.count >= Self.batch, let id = newID() { blocks.append(EventBlock(id: id)) }
        return blocks
    }

    /// What is sent where there is nothing else to be sent: connections that are silent are cut by what is on the way.
    mutating func heartbeat() -> EventBlock { EventBlock(comment: "still here", id: newID()) }

    /// The position, if the caller does not know it.
    private mutating func newID() -> Int64? {
        guard told != position else { return nil }
        told = position
        return position
    }
}
