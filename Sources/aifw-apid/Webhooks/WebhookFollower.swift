import Logging
import Wire

/// The deliveries of one webhook, one after the other in the order of the log, until it is disabled or gone.
///
/// It reads on from where it is, so nothing is held in memory for a receiver that is slow or away.
struct WebhookFollower: Sendable {
    /// How many deliveries, changes it is not told of, or milliseconds may pass before what was done is written down: so much
    /// comes twice after a crash.
    private static let unsavedLimit = 64
    private static let passedLimit: Int64 = 1000
    private static let saving: Int64 = 1000

    let id: ObjectID
    let store: Store
    let courier: WebhookCourier
    let logger: Logger

    /// What was done and is not written down yet.
    private struct Trail {
        /// The last change that was delivered or passed over.
        var cursor: Int64 = 0
        var delivered = 0
        var since: Timestamp?
    }

    func run() async {
        let line = courier.line()
        var trail = Trail()
        while !Task.isCancelled {
            do {
                guard try await step(&trail, line) else { break }
            } catch is CancellationError {
                break
            } catch {
                logger.warning("webhook: the log can't be followed", metadata: metadata(error))
                try? await Task.sleep(for: .seconds(1))
            }
        }
        await line.close()
        // Whoever ends it, what was delivered is not delivered again.
        guard trail.delivered > 0 else { return }
        do {
            try await save(&trail, of: nil)
        } catch {
            logger.warning("webhook: its last deliveries will come again", metadata: metadata(error))
        }
    }

    /// One delivery, or the wait for something to deliver. False if there is nothing more to do for this webhook.
    private func step(_ trail: inout Trail, _ line: WebhookLine) async throws -> Bool {
        let known = store.revisions.last
        let cursor = trail.cursor
        let id = id
        let found = try await store.read { transaction -> (webhook: WebhookRecord, next: AuditEntry?, last: Int64)? in
            guard let webhook = try transaction.webhook(ifThere: id), webhook.isEnabled else { return nil }
            let last = try transaction.revision()
            return (webhook, try transaction.change(after: max(cursor, webhook.progress.cursor), for: webhook), last)
        }
        guard let (webhook, next, last) = found else { return false }
        guard let next else {
            trail.cursor = max(cursor, last)
            if trail.delivered > 0 || trail.cursor - webhook.progress.cursor > Self.passedLimit {
                try await save(&trail, of: webhook)
            }
            await line.close()
            await store.revisions.wait(after: known)
            return true
        }
        let wait = webhook.progress.wait(at: store.now)
        if wait > 0 {
            try await Task.sleep(for: .milliseconds(wait))
            return true
        }
        try await deliver(next, to: webhook, &trail, line)
        return true
    }

    private func deliver(
        _ entry: AuditEntry, to webhook: WebhookRecord, _ trail: inout Trail, _ line: WebhookLine
    ) async throws {
        let message = WebhookMessage(of: entry, to: webhook.id)
        if let fault = await courier.deliver(message, to: webhook, over: line) {
            // An attempt that was given up here says nothing of the receiver.
            guard !Task.isCancelled else { return }
            try await note(fault, of: webhook, &trail)
            return
        }
        trail.cursor = entry.revision
        trail.delivered += 1
        let since = trail.since ?? store.now
        trail.since = since
        let isDue = store.now.milliseconds - since.milliseconds >= Self.saving || trail.delivered >= Self.unsavedLimit
        if isDue || webhook.progress.status != .ok { try await save(&trail, of: webhook) }
    }

    private func note(_ fault: WebhookFault, of webhook: WebhookRecord, _ trail: inout Trail) async throws {
        var progress = webhook.progress
        let (id, cursor, time) = (id, trail.cursor, trail.delivered > 0 ? store.now : nil)
        if let time { progress.delivered(cursor, at: time) }
        progress.failed(fault, at: store.now, chance: .random(in: 0...1))
        let noted = progress
        logger.warning(
            noted.status == .failed ? "webhook: disabled" : "webhook: a delivery failed, and is tried again",
            metadata: metadata(fault))
        try await store.write { transaction in
            if let time { try transaction.noteDeliveries(upTo: cursor, at: time, of: id, ifUnchangedSince: webhook) }
            try transaction.note(noted, of: webhook)
        }
        trail = Trail(cursor: trail.cursor)
    }

    private func save(_ trail: inout Trail, of webhook: WebhookRecord?) async throws {
        let (id, cursor, time) = (id, trail.cursor, trail.delivered > 0 ? store.now : nil)
        try await store.write { transaction in
            try transaction.noteDeliveries(upTo: cursor, at: time, of: id, ifUnchangedSince: webhook)
        }
        trail = Trail(cursor: cursor)
    }

    private func metadata(_ error: any Error) -> Logger.Metadata {
        ["webhook": .string(id.description), "error": .string("\(error)")]
    }
}
