import GRDB

extension WriteTransaction {
    /// Runs a part of the change that may fail by itself: if it throws, what it wrote is undone and the transaction goes on
    /// with the database as it was before.
    func attempt<Result>(_ part: (WriteTransaction) throws -> Result) throws -> Result {
        let before = state.snapshot
        try database.execute(sql: "SAVEPOINT attempt")
        do {
            let result = try part(self)
            try database.execute(sql: "RELEASE attempt")
            return result
        } catch {
            state.snapshot = before
            // SQLite has rolled back all of it already where the disk failed.
            if database.isInsideTransaction { try database.execute(sql: "ROLLBACK TO attempt; RELEASE attempt") }
            throw error
        }
    }
}
