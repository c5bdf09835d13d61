import Wire

extension UserRecord {
    /// The user as answers show it. No secret is in it.
    var json: JSON {
        [
            "id": id.json,
            "username": name.json,
            "scopes": scopes.json,
            "has_totp": hasOneTimePassword.json,
            "created_at": stamp.createdAt.json,
            "updated_at": stamp.updatedAt.json,
            "last_login_at": lastLoginAt?.json ?? nil,
        ]
    }

    var etag: ETag { ETag(revision: stamp.revision) }

    static func location(_ id: ObjectID) -> String { "/api/v1/users/\(id)" }
}
