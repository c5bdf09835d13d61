import Wire

/// Reads the file of a backup part by part: nothing of it is believed that the key does not vouch for, and nothing of a file
/// that is not whole.
struct BackupReader {
    /// The most values of one record, counted at every depth.
    private static let valueLimit = 100_000

    let head: BackupHead
    private let file: Bytes

    init(_ file: Bytes) throws(BackupError) {
        self.file = file
        head = try BackupHead(file)
    }

    /// Hands over the records in their order, to the end of the file or the first thing that is wrong with it.
    func records(_ key: BackupKey, each body: (BackupRecord) throws(BackupError) -> Void) throws(BackupError) {
        try head.permit(key)
        let stream = BackupStream(head, key)
        var assembly = RecordAssembly()
        var position = BackupHead.length
        var isLast = false
        while !isLast {
            let place = try part(at: position)
            position = place.upperBound
            let (plain, wasLast) = try stream.open(file, place)
            isLast = wasLast
            try assembly.append(plain) { (text) throws(BackupError) in try body(try Self.record(text)) }
        }
        guard position == file.count else { throw .damaged("something follows its end") }
        guard assembly.isEmpty else { throw .damaged("its last record is cut off") }
    }

    private func part(at position: Int) throws(BackupError) -> Range<Int> {
        let length = file.withUnsafeBytes { all -> Int? in
            guard position + 4 <= all.count else { return nil }
            return all[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
        }
        guard let length else { throw Self.cut }
        guard (BackupWriter.overhead...BackupWriter.partLength + BackupWriter.overhead).contains(length) else {
            throw .damaged("a part of it has a length that none can have")
        }
        guard position + 4 + length <= file.count else { throw Self.cut }
        return position + 4..<position + 4 + length
    }

    private static let cut = BackupError.damaged("its end is missing: it was cut off, or not downloaded to the end")

    private static func record(_ text: Bytes) throws(BackupError) -> BackupRecord {
        let json: JSON
        do throws(JSONError) {
            json = try JSONParser.parse(text, valueLimit: valueLimit)
        } catch {
            throw .damaged("a record is not JSON: \(error)")
        }
        do throws(Refusal) {
            return try BackupRecord(json: json)
        } catch {
            throw .damaged("\(error.field.map { "\($0) " } ?? "a record: ")\(error.message)")
        }
    }
}
