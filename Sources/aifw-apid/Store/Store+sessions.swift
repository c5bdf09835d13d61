import Wire

extension Store {
    /// Whether there is a session with this hash that lasts still; it is not used by that.
    func isSession(hash: [UInt8]) async throws -> Bool {
        let found = try await sessions.session(hash) { try await self.read { try $0.sessions() } }
        return found.map { sessions.lasts($0, at: now) } ?? false
    }

    /// The session with this hash, if it lasts still; it is used by that. Most often answered from memory.
    func session(hash: [UInt8]) async throws -> SessionRecord? {
        let found = try await sessions.session(hash) { try await self.read { try $0.sessions() } }
        let time = now
        guard let session = found, let isDue = sessions.use(session, at: time) else { return nil }
        if isDue {
            // The request does not wait for it. Lost, it would end an idle session a minute early after a restart.
            Task {
                do {
                    try await write { try $0.markUsed(session.hash, at: time) }
                } catch {
                    sessions.forgetWriting(of: session)
                }
            }
        }
        return session
    }
}
