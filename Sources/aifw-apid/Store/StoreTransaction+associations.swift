import GRDB
import Wire

extension StoreTransaction {
    /// The association with this id; throws ``StoreError/missing(_:)`` if there is none.
    func association(_ id: ObjectID) throws -> AssociationRecord {
        let row = try database.first("\(AssociationRecord.select) WHERE id = ?", [.bytes(id.bytes)])
        guard let row else { throw StoreError.missing(.association) }
        return try AssociationRecord(row: RowReader(row, of: "association"))
    }

    /// All associations in the order of their numbers.
    func associations() throws -> [AssociationRecord] {
        var associations: [AssociationRecord] = []
        try database.each("\(AssociationRecord.select) ORDER BY number") { row in
            associations.append(try AssociationRecord(row: RowReader(row, of: "association")))
            return true
        }
        return associations
    }

    /// Of the other enabled associations between the same two gateways one with each protection, at most three: they need
    /// between them whatever all of them need. It costs the same however many there are.
    func enabledAssociations(
        between local: IPAddress, and remote: IPAddress, besides id: ObjectID
    ) throws -> [AssociationRecord] {
        let sql = """
            \(AssociationRecord.select) WHERE local = ? AND remote = ? AND protocol = ? AND enabled = 1 AND id <> ? LIMIT 1
            """
        return try IPsecProtection.allCases.compactMap { protection in
            let arguments: [ColumnValue] = [
                .text(local.description), .text(remote.description), .text(protection.rawValue), .bytes(id.bytes),
            ]
            return try database.first(sql, arguments).map {
                try AssociationRecord(row: RowReader($0, of: "association"))
            }
        }
    }

    /// The lowest number that no association has; nil if all are taken.
    func nextFreeAssociationNumber() throws -> AssociationNumber? {
        let sql = """
            SELECT coalesce(
                (SELECT min(number) FROM association_free_number), (SELECT max(number) + 1 FROM association), 1)
            """
        guard let number: UInt32 = try database.first(sql)?[0] else { return nil }
        return try? AssociationNumber(number)
    }

    /// Everything that keeps an association from being stored, with whom it clashes.
    func clashes(of association: AssociationRecord) throws -> [Clash] {
        let id = ColumnValue.bytes(association.id.bytes)
        let select = "SELECT id, name FROM association WHERE id <> ? AND"
        let columns: [(Clash.Subject, String, [ColumnValue])] = [
            (.name, "name_key = ?", [.text(association.name.key)]),
            (.spiIn, "spi_in = ?", [.integer(Int64(association.spiIn.rawValue))]),
            (
                .spiOut, "remote = ? AND spi_out = ?",
                [.text(association.remote.description), .integer(Int64(association.spiOut.rawValue))]
            ),
        ]
        var clashes: [Clash] = []
        for (subject, condition, values) in columns {
            clashes += try clash(subject, .association, "\(select) \(condition)", [id] + values)
        }
        let hasNetworks = association.localNetworks != nil || association.remoteNetworks != nil
        for (local, remote) in association.selectors {
            let sql = """
                SELECT id, name FROM association_selector JOIN association ON association.id = association_id
                WHERE association_selector.local = ? AND association_selector.remote = ? AND association_id <> ?
                """
            let subject: Clash.Subject =
                hasNetworks
                ? .networks(local: local, remote: remote) : .ends(local: local.address, remote: remote.address)
            clashes += try clash(
                subject, .association, sql, [.text(local.description), .text(remote.description), id])
        }
        return clashes
    }
}

extension AssociationRecord {
    static let select = "SELECT \(columns.joined(separator: ", ")) FROM association"

    /// What a write sets, beside what the store keeps by itself: ``arguments``, and the key of the name.
    private static let written = columns + ["name_key"]

    static let insert = """
        INSERT INTO association (\(written.joined(separator: ", ")))
        VALUES (\(written.map { _ in "?" }.joined(separator: ", ")))
        """

    /// Takes the id behind the arguments.
    static let update = "UPDATE association SET \(written.map { "\($0) = ?" }.joined(separator: ", ")) WHERE id = ?"
}
