/// Hashes and compares passwords on the threads that are there for it.
struct PasswordHasher: Sendable {
    let threads: HashingThreads

    /// What is stored of a new password.
    func hash(_ password: Password) async throws -> PasswordHash {
        guard let hash = try await threads.run({ PasswordHash(password) }) else {
            throw Problem(.internalError, "There is no memory to hash a password in; nothing was changed.")
        }
        return hash
    }

    func matches(_ password: Password, _ hash: PasswordHash) async throws -> Bool {
        try await threads.run { hash.matches(password) }
    }
}
