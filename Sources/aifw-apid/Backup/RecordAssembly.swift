import Wire

/// Puts records together from the parts that they were cut into: each has its length before it, four bytes, most significant
/// first.
struct RecordAssembly {
    private var length = Bytes(capacity: 4)
    private var record = Bytes()
    /// How many bytes of the record are still to come; nil while its length is.
    private var missing: Int?

    /// Whether nothing has begun that is not at its end.
    var isEmpty: Bool { length.isEmpty && missing == nil }

    /// Takes a part, and hands over the records that end in it.
    mutating func append(_ part: Bytes, each body: (Bytes) throws(BackupError) -> Void) throws(BackupError) {
        var position = 0
        while position < part.count {
            if let count = missing {
                let end = min(position + count, part.count)
                part.withUnsafeBytes { record.append(UnsafeRawBufferPointer(rebasing: $0[position..<end])) }
                missing = count - (end - position)
                position = end
            } else {
                length.append(part[position])
                position += 1
                if length.count == 4 { try begin() }
            }
            guard missing == 0 else { continue }
            let whole = record
            record = Bytes()
            missing = nil
            try body(whole)
        }
    }

    private mutating func begin() throws(BackupError) {
        let count = length.withUnsafeBytes { $0.reduce(0) { $0 << 8 | Int($1) } }
        guard (1...BackupWriter.recordLimit).contains(count) else {
            throw .damaged("a record of it has a length that none can have")
        }
        length = Bytes(capacity: 4)
        missing = count
    }
}
