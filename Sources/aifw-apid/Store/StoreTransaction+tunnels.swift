import GRDB
import Wire

extension StoreTransaction {
    /// The tunnel with this id; throws ``StoreError/missing(_:)`` if there is none.
    func tunnel(_ id: ObjectID) throws -> TunnelRecord {
        let row = try database.first("\(TunnelRecord.select) WHERE id = ?", [.bytes(id.bytes)])
        guard let row else { throw StoreError.missing(.tunnel) }
        return try TunnelRecord(row: RowReader(row, of: "tunnel"))
    }

    /// All tunnels in the order of their interfaces.
    func tunnels() throws -> [TunnelRecord] {
        var tunnels: [TunnelRecord] = []
        try database.each("\(TunnelRecord.select) ORDER BY interface") { row in
            tunnels.append(try TunnelRecord(row: RowReader(row, of: "tunnel")))
            return true
        }
        return tunnels
    }

    /// The lowest `wgN` that no tunnel has and that is not among `foreign`, the names that others took; nil if all are taken.
    func nextFreeInterface(foreign: [TunnelInterface] = []) throws -> TunnelInterface? {
        try lowestFree("interface", in: 0...TunnelInterface.count - 1, besides: Set(foreign.map(\.number)))
            .map { try TunnelInterface(number: $0) }
    }

    /// The lowest port from `start` on that no tunnel listens on; nil if all are taken.
    func nextFreePort(from start: Port = Port(validated: 51820)) throws -> Port? {
        try lowestFree("listen_port", in: Int(start.rawValue)...Int(Port.range.upperBound)).map { try Port($0) }
    }

    /// The lowest number of the range that no tunnel has in the column. Most often all below the highest are taken, and the
    /// next one is meant: then none of them is looked at.
    private func lowestFree(_ column: String, in range: ClosedRange<Int>, besides others: Set<Int> = []) throws -> Int?
    {
        let bounds: [ColumnValue] = [.integer(Int64(range.lowerBound)), .integer(Int64(range.upperBound))]
        let condition = "WHERE \(column) BETWEEN ? AND ?"
        if let row = try database.first("SELECT count(*), max(\(column)) FROM tunnel \(condition)", bounds) {
            let (count, highest): (Int, Int?) = (row[0], row[1])
            let next = highest.map { $0 + 1 } ?? range.lowerBound
            if count == next - range.lowerBound, range.contains(next), !others.contains(next) { return next }
        }
        var taken = others
        try database.each("SELECT \(column) FROM tunnel \(condition)", bounds) { row in
            taken.insert(row[0])
            return true
        }
        return range.first { !taken.contains($0) }
    }

    /// The inner addresses of all tunnels.
    func innerAddresses() throws -> [IPAddress] { try tunnels().flatMap(\.address.addresses) }
}

extension TunnelRecord {
    static let select = "SELECT \(columns.joined(separator: ", ")) FROM tunnel"

    /// What a write sets, beside what the store keeps by itself: ``arguments``, and the key of the name.
    private static let written = columns.dropLast() + ["name_key"]

    static let insert = """
        INSERT INTO tunnel (\(written.joined(separator: ", "))) VALUES (\(written.map { _ in "?" }.joined(separator: ", ")))
        """

    /// Takes the id behind the arguments.
    static let update = "UPDATE tunnel SET \(written.map { "\($0) = ?" }.joined(separator: ", ")) WHERE id = ?"
}
