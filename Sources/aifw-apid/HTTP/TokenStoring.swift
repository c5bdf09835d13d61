import Wire

/// A token that is about to be stored; of its secret only the hash.
struct NewToken: Sendable {
    let id: ObjectID
    let name: ObjectName
    let scopes: Scopes
    let expiresAt: Timestamp?
    /// See ``BearerToken/hash``.
    let hash: [UInt8]
}

/// Keeps tokens. Each change goes to the audit log in the name of `author`.
protocol TokenStoring: Sendable {
    /// Throws 409 `name-in-use` if there is one of that name.
    func create(_ token: NewToken, by author: Author) async throws -> TokenRecord
    /// All of them, by name.
    func all() async throws -> [TokenRecord]
    /// From when this returns the token lets nobody in any more. False if there is none with this id.
    func delete(_ id: ObjectID, by author: Author) async throws -> Bool
}
