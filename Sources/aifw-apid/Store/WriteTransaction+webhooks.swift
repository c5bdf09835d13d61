import Wire

extension WriteTransaction {
    // MARK: What is logged

    /// Stores a new webhook and logs it; throws ``StoreError/clash(_:)`` if the name is another's. It is told of what
    /// comes after that.
    func insert(_ webhook: WebhookRecord, by author: Author) throws -> WebhookRecord {
        try refuseClash(of: webhook)
        let revision = try log(
            .create, of: webhook.object, by: author, changes: .object(webhook.settings.filter { $0.name != "name" }))
        let stamp = ObjectStamp(createdAt: now, updatedAt: now, revision: revision)
        let stored = webhook.stamped(stamp, WebhookProgress(after: revision))
        try insert(stored)
        return stored
    }

    /// Stores what a webhook has become and logs it; throws ``StoreError/clash(_:)`` if the name is another's.
    ///
    /// One that has not changed is neither stored nor logged. A change begins anew what had failed.
    func update(_ webhook: WebhookRecord, _ action: AuditAction = .update, by author: Author) throws -> WebhookRecord {
        let former = try self.webhook(webhook.id)
        guard webhook.stamped(former.stamp, former.progress) != former else { return former }
        try refuseClash(of: webhook)
        return try store(webhook, former, former.progress.renewed, action, by: author)
    }

    /// Deletes a webhook and logs it: what is not on its way yet is never sent.
    func deleteWebhook(_ id: ObjectID, by author: Author) throws {
        let webhook = try webhook(id)
        try database.run("DELETE FROM webhook WHERE id = ?", [.bytes(id.bytes)])
        try log(.delete, of: webhook.object, by: author)
    }

    // MARK: Deliveries, which are no changes and have no revision

    /// Writes down that all is delivered up to a revision.
    ///
    /// - Parameters:
    ///   - time: when the last of it was delivered; nil if it was only passed over.
    ///   - known: the webhook as it was followed; what had failed is over unless somebody has changed it since.
    func noteDeliveries(
        upTo cursor: Int64, at time: Timestamp?, of id: ObjectID, ifUnchangedSince known: WebhookRecord?
    ) throws {
        guard let webhook = try webhook(ifThere: id) else { return }
        var progress = webhook.progress
        if let time, known?.stamp.revision == webhook.stamp.revision || progress.status == .ok {
            progress.delivered(cursor, at: time)
        }
        progress.cursor = max(progress.cursor, cursor)
        try write(progress, of: id)
    }

    /// Writes down that a delivery has failed; where that was the last attempt, the webhook is disabled, which is a change,
    /// and logged as ours. Nothing is written of a webhook that somebody has changed or deleted meanwhile.
    func note(_ progress: WebhookProgress, of webhook: WebhookRecord) throws {
        guard let current = try self.webhook(ifThere: webhook.id), current.stamp == webhook.stamp else { return }
        guard progress.status == .failed else { return try write(progress, of: webhook.id) }
        var disabled = current
        disabled.isEnabled = false
        _ = try store(disabled, current, progress, .update, by: .system)
    }

    private func write(_ progress: WebhookProgress, of id: ObjectID) throws {
        let assignments = WebhookProgress.columns.map { "\($0) = ?" }.joined(separator: ", ")
        try database.run(
            "UPDATE webhook SET \(assignments) WHERE id = ?", progress.arguments + [.bytes(id.bytes)])
    }

    private func store(
        _ webhook: WebhookRecord, _ former: WebhookRecord, _ progress: WebhookProgress, _ action: AuditAction,
        by author: Author
    ) throws -> WebhookRecord {
        let revision = try log(
            action, of: webhook.object, by: author, changes: JSON.changes(from: former, to: webhook))
        let stored = webhook.stamped(
            ObjectStamp(createdAt: former.stamp.createdAt, updatedAt: now, revision: revision), progress)
        try update(stored)
        return stored
    }

    // MARK: Rows

    /// The row of a webhook as it is, with its stamp and its progress; nothing is logged.
    func insert(_ webhook: WebhookRecord) throws {
        let columns = WebhookRecord.columns + ["name_key"]
        try database.run(
            """
            INSERT INTO webhook (\(columns.joined(separator: ", ")))
            VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
            """,
            webhook.arguments + [.text(webhook.name.key)])
    }

    /// Its row, too.
    func update(_ webhook: WebhookRecord) throws {
        let assignments = (WebhookRecord.columns + ["name_key"]).map { "\($0) = ?" }.joined(separator: ", ")
        try database.run(
            "UPDATE webhook SET \(assignments) WHERE id = ?",
            webhook.arguments + [.text(webhook.name.key), .bytes(webhook.id.bytes)])
    }

    private func refuseClash(of webhook: WebhookRecord) throws {
        if let other = try self.webhook(named: webhook.name), other.id != webhook.id {
            throw StoreError.clash([Clash(subject: .name, other: other.object)])
        }
    }
}
