import FoundationEssentials
import GRDB
import Wire

/// A value on its way into a column.
enum ColumnValue: Sendable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    static func text(_ value: (some TextValue)?) -> ColumnValue { value.map { .text($0.description) } ?? .null }
    static func bytes(_ value: [UInt8]?) -> ColumnValue { value.map { .bytes($0) } ?? .null }
    static func optional(_ text: String?) -> ColumnValue { text.map { .text($0) } ?? .null }
    static func flag(_ value: Bool) -> ColumnValue { .integer(value ? 1 : 0) }
    static func time(_ value: Timestamp?) -> ColumnValue { value.map { .integer($0.milliseconds) } ?? .null }
}

extension ColumnValue: DatabaseValueConvertible {
    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .bytes(let value): Data(value).databaseValue
        }
    }

    static func fromDatabaseValue(_ value: DatabaseValue) -> ColumnValue? {
        switch value.storage {
        case .null: .null
        case .int64(let value): .integer(value)
        case .string(let value): .text(value)
        case .blob(let value): .bytes(Array(value))
        case .double: nil
        }
    }
}

extension Database {
    /// Runs a statement that is prepared once and kept.
    func run(_ sql: String, _ arguments: [ColumnValue] = []) throws {
        try cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
    }

    /// The rows of a statement that is prepared once and kept, one after the other; false from `body` ends it.
    func each(_ sql: String, _ arguments: [ColumnValue] = [], _ body: (Row) throws -> Bool) throws {
        let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: StatementArguments(arguments))
        while let row = try rows.next() {
            guard try body(row) else { return }
        }
    }

    /// The first row, copied.
    func first(_ sql: String, _ arguments: [ColumnValue] = []) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: StatementArguments(arguments))
    }
}
