import Logging
import ServiceLifecycle
import Wire

/// The service that has a follower at work for each webhook that is enabled: a receiver that is slow or away holds up
/// nobody else, and no write ever waits for one.
struct WebhookDelivery: Service {
    let store: Store
    let courier: WebhookCourier
    let logger: Logger
    /// How long it rests between two looks at the webhooks, so that many changes cost one.
    var rest = Duration.milliseconds(50)

    private struct Running {
        /// That of the webhook as it is followed.
        let revision: Int64
        let task: Task<Void, Never>
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var followers: [ObjectID: Running] = [:]
            while !Task.isCancelled {
                let known = store.revisions.last
                do {
                    follow(try await store.read { try $0.webhooks() }, &followers)
                    await store.revisions.wait(after: known)
                } catch {
                    logger.warning("the webhooks can't be read", metadata: ["error": .string("\(error)")])
                }
                // Cancelled by shutdown: the loop's condition ends it.
                try? await Task.sleep(for: rest)
            }
            for follower in followers.values { follower.task.cancel() }
            for follower in followers.values { await follower.task.value }
        }
    }

    /// One follower for each webhook as it is now; another one of the same webhook ends first.
    private func follow(_ webhooks: [WebhookRecord], _ followers: inout [ObjectID: Running]) {
        let wanted = Dictionary(uniqueKeysWithValues: webhooks.filter(\.isEnabled).map { ($0.id, $0.stamp.revision) })
        for (id, follower) in followers where wanted[id] != follower.revision { follower.task.cancel() }
        followers = followers.filter { wanted[$0.key] != nil }
        for (id, revision) in wanted where followers[id]?.revision != revision {
            let former = followers[id]?.task
            let follower = WebhookFollower(id: id, store: store, courier: courier, logger: logger)
            followers[id] = Running(
                revision: revision,
                task: Task {
                    await former?.value
                    await follower.run()
                })
        }
        courier.keep(only: webhooks)
    }
}
