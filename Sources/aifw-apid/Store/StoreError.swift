import GRDB
import Wire

/// Why the store did not do what it was asked.
enum StoreError: Error {
    /// What the object would have in common with others, all of it.
    case clash([Clash])
    /// There is no such object.
    case missing(AuditObject.Kind)
    /// No transaction could be begun or committed: nothing of it is there.
    case notWritten(any Error)
    /// A column holds what its type refuses: somebody else has written the file.
    case corrupt(table: String, column: Int, reason: String)
    /// The file can't be opened or made.
    case unusable(path: String, errno: Int32)
    /// A later version of this program has written the file.
    case newer
}

extension StoreError: CustomStringConvertible {
    var description: String {
        switch self {
        case .clash(let clashes): clashes.map(\.description).joined(separator: "; ")
        case .missing(let kind): "there is no such \(kind.rawValue)"
        case .notWritten(let error): "the database could not be written: \(Self.words(of: error))"
        case .corrupt(let table, let column, let reason):
            "the database is damaged: table \(table), column \(column): \(reason)"
        case .unusable(let path, let errno): "the database \(path) can't be opened (errno \(errno))"
        case .newer: "the database was written by a later version of this program; start that version"
        }
    }

    /// SQLite's own words, without the statement and its values, which GRDB's description has.
    private static func words(of error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(type(of: error))" }
        return "\(error.message ?? "no reason given") (SQLite \(error.extendedResultCode.rawValue))"
    }
}
