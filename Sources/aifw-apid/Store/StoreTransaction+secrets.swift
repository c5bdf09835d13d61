import GRDB
import Wire

extension StoreTransaction {
    /// The secrets that say that they are under another master key than `key`, each column's in the order of their objects.
    ///
    /// - Parameters:
    ///   - last: those behind it only; nil for all.
    ///   - limit: the most that are returned.
    func secrets(notUnder key: SealingKeyID, after last: StoredSecret? = nil, limit: Int) throws -> [StoredSecret] {
        var secrets: [StoredSecret] = []
        let places = StoredSecret.Place.allCases.drop { place in last.map { $0.place != place } ?? false }
        for place in places where secrets.count < limit {
            let start = last.flatMap { $0.place == place ? $0.object : nil } ?? ObjectID(bits: 0)
            // Bytes 1 to 8 of a sealed secret are its key's id; SQLite counts from 1. Where there is none, it is NULL.
            let sql = """
                SELECT id, \(place.column) FROM \(place.table)
                WHERE id > ? AND substr(\(place.column), 2, 8) <> ? ORDER BY id LIMIT ?
                """
            let arguments: [ColumnValue] = [
                .bytes(start.bytes), .bytes(key.bytes), .integer(Int64(limit - secrets.count)),
            ]
            try database.each(sql, arguments) { row in
                var reader = RowReader(row, of: place.table)
                secrets.append(
                    StoredSecret(
                        place: place, object: try reader.id(), secret: try reader.bytes(SealedSecret.init(bytes:))))
                return true
            }
        }
        return secrets
    }

    /// How many secrets are stored.
    func secretCount() throws -> Int {
        let counts = StoredSecret.Place.allCases.map { "(SELECT count(\($0.column)) FROM \($0.table))" }
        return try database.first("SELECT \(counts.joined(separator: " + "))")?[0] ?? 0
    }
}

extension WriteTransaction {
    /// Puts the same secret, sealed anew, in the place of a stored one.
    ///
    /// Only the helper sees a difference, so it is no change of the object: it gets no revision and no line in the log.
    /// - Parameter fingerprint: for a secret whose purpose has one.
    func replace(_ stored: StoredSecret, by secret: SealedSecret, fingerprint: SecretFingerprint?) throws {
        var arguments: [ColumnValue] = [.bytes(secret.bytes)]
        var assignments = "\(stored.place.column) = ?"
        if let column = stored.place.fingerprintColumn {
            assignments += ", \(column) = ?"
            arguments.append(.bytes(fingerprint?.bytes))
        }
        try database.run(
            "UPDATE \(stored.place.table) SET \(assignments) WHERE id = ?", arguments + [.bytes(stored.object.bytes)])
    }
}
