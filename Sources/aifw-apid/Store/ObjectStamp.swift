import Wire

/// When an object was made and last changed, and by which revision: its ETag comes from that.
struct ObjectStamp: Sendable, Equatable {
    let createdAt: Timestamp
    let updatedAt: Timestamp
    let revision: Int64

    /// That of an object which is not stored yet.
    static let none = ObjectStamp(
        createdAt: Timestamp(milliseconds: 0), updatedAt: Timestamp(milliseconds: 0), revision: 0)

    init(createdAt: Timestamp, updatedAt: Timestamp, revision: Int64) {
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.revision = revision
    }

    init(row: inout RowReader) throws {
        createdAt = try row.time()
        updatedAt = try row.time()
        revision = try row.integer()
    }

    var arguments: [ColumnValue] { [.time(createdAt), .time(updatedAt), .integer(revision)] }
}
