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
        var taken = Set(foreign.map(\.number))
        try database.each("SELECT interface FROM tunnel") { row in
            taken.insert(row[0])
            return true
        }
        return try (0..<TunnelInterface.count).first { !taken.contains($0) }.map { try TunnelInterface(number: $0) }
    }

    /// The lowest port from `start` on that no tunnel listens on; nil if all are taken.
    func nextFreePort(from start: Port = Port(validated: 51820)) throws -> Port? {
        var taken: Set<UInt16> = []
        try database.each("SELECT listen_port FROM tunnel") { row in
            taken.insert(row[0])
            return true
        }
        return (start.rawValue...Port.range.upperBound).first { !taken.contains($0) }.map { Port(validated: $0) }
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
