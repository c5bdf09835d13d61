import Wire

/// The part of a restore that is about who gets in and who is told.
extension WriteTransaction {
    func restore(_ tokens: RecordChanges<TokenRecord>) throws {
        for token in tokens.replaced {
            try database.run("DELETE FROM token WHERE id = ?", [.bytes(token.id.bytes)])
        }
        for token in tokens.written { try database.run(TokenRecord.insert, token.arguments) }
    }

    /// Sessions end as they do when a user is changed or deleted.
    func restore(_ users: RecordChanges<UserRecord>, at revision: Int64) throws {
        for user in users.deleted { try database.run("DELETE FROM user WHERE id = ?", [.bytes(user.id.bytes)]) }
        for (former, user) in users.updated {
            try database.run(UserRecord.update, user.restored(at: revision) + [.bytes(user.id.bytes)])
            if !user.keepsSessions(of: former) {
                try database.run("DELETE FROM session WHERE user_id = ?", [.bytes(user.id.bytes)])
            }
        }
        for user in users.created { try database.run(UserRecord.insert, user.restored(at: revision)) }
    }

    /// A webhook that is new begins with what comes after the restore; any other is told of the restore too.
    func restore(_ webhooks: RecordChanges<WebhookRecord>, at revision: Int64) throws {
        for webhook in webhooks.deleted {
            try database.run("DELETE FROM webhook WHERE id = ?", [.bytes(webhook.id.bytes)])
        }
        for (_, webhook) in webhooks.updated {
            try update(webhook.stamped(webhook.stamp.at(revision), webhook.progress))
        }
        for webhook in webhooks.created {
            try insert(webhook.stamped(webhook.stamp.at(revision), WebhookProgress(after: revision)))
        }
    }
}

extension UserRecord {
    fileprivate func restored(at revision: Int64) -> [ColumnValue] {
        stamped(stamp.at(revision), lastLoginAt: lastLoginAt).arguments + [.text(name.key)]
    }
}
