import Wire

/// What the changes of one transaction know together beside the database; it becomes valid with the commit.
///
/// It never leaves the writer's queue.
final class GroupState {
    var hints: AddressHints
    /// Whether a token was made or deleted.
    var tokensChanged = false
    /// Whether a session was made or ended, or a user is another one now.
    var sessionsChanged = false
    /// Tunnels that were deleted, and what they had carried with them.
    var deletedTunnels: [ObjectID] = []
    /// The sealed secrets that the change under way has stored, but for those that were stored already.
    var newSecrets: [SealedSecret] = []
    /// Whether the change under way has left the idempotency key of its request (``WriteTransaction/request``).
    var isKeyNoted = false
    /// The revision that the last change of the group has written; nil if none was logged.
    var revision: Int64?
    /// Called, the last one first, if what they belong to does not get onto the disk.
    var undo: [@Sendable () -> Void] = []
    /// How many changes of the group have begun.
    var started = 0

    init(hints: AddressHints) { self.hints = hints }

    /// What a change that fails must not leave behind.
    var snapshot: Snapshot {
        get { (hints, tokensChanged, sessionsChanged, deletedTunnels, isKeyNoted, revision, undo.count) }
        set {
            (hints, tokensChanged, sessionsChanged) = (
                newValue.hints, newValue.tokensChanged, newValue.sessionsChanged
            )
            (deletedTunnels, isKeyNoted, revision) = (newValue.deletedTunnels, newValue.isKeyNoted, newValue.revision)
            while undo.count > newValue.undoCount { undo.removeLast()() }
        }
    }

    typealias Snapshot = (
        hints: AddressHints, tokensChanged: Bool, sessionsChanged: Bool, deletedTunnels: [ObjectID], isKeyNoted: Bool,
        revision: Int64?, undoCount: Int
    )
}
