import GRDB
import Wire

extension StoreTransaction {
    /// What all tunnels and peers have carried.
    func traffic() throws -> StoredTraffic {
        var peers: [ObjectID: [ObjectID: PeerAccount]] = [:]
        let sql = """
            SELECT tunnel_id, peer_id, number, received, sent, counted_received, counted_sent, interface, public_key
            FROM peer_traffic JOIN peer ON peer.id = peer_id
            """
        try database.each(sql) { row in
            var row = RowReader(row, of: "peer_traffic")
            let (tunnel, id, number) = (try row.id(), try row.id(), UInt32(clamping: try row.integer()))
            let (total, counted) = (try row.traffic(), try row.traffic())
            let interface = try row.optionalInteger().map { UInt32(clamping: $0) }
            let key = try row.bytes(PublicKey.init(bytes:))
            peers[tunnel, default: [:]][id] = PeerAccount(
                number: number, total: total, counted: counted, interface: interface, key: key.hashValue)
            return true
        }
        var stored = StoredTraffic()
        stored.write = try trafficWrite()
        try database.each(
            "SELECT id, received, sent, next_number FROM tunnel_traffic JOIN tunnel ON id = tunnel_id"
        ) { row in
            var row = RowReader(row, of: "tunnel_traffic")
            let (id, total) = (try row.id(), try row.traffic())
            stored.tunnels[id] = TunnelAccount(
                total: total, nextNumber: UInt32(clamping: try row.integer()), peers: peers[id] ?? [:])
            return true
        }
        return stored
    }

    /// The number of the last write of slots.
    func trafficWrite() throws -> Int64 { try database.first("SELECT number FROM traffic_write")?[0] ?? 0 }

    /// What a tunnel has carried in slots of a range, or one of its peers by its number; slots without anything are left out.
    func traffic(
        of tunnel: ObjectID, peer: UInt32? = nil, in range: TrafficRange, _ numbers: ClosedRange<Int64>
    ) throws -> [Int64: Traffic] {
        var found: [Int64: Traffic] = [:]
        let columns = peer == nil ? "received, sent" : "received, sent, peers"
        let sql = """
            SELECT number, \(columns) FROM traffic_slot WHERE tunnel_id = ? AND step = ? AND number BETWEEN ? AND ?
            """
        let arguments: [ColumnValue] = [
            .bytes(tunnel.bytes), .integer(range.step), .integer(numbers.lowerBound), .integer(numbers.upperBound),
        ]
        try database.each(sql, arguments) { row in
            var row = RowReader(row, of: "traffic_slot")
            let (number, sum) = (try row.integer(), try row.traffic())
            found[number] = try peer.map { try row.bytes(PeerAmounts.init(bytes:))[$0] } ?? sum
            return true
        }
        return found
    }

    /// What all tunnels that there are have carried together in slots of a range, tunnel by tunnel by its key: rows of a tunnel
    /// that is gone are not looked at, nor what a row has of peers.
    func traffic(in range: TrafficRange, _ numbers: ClosedRange<Int64>) throws -> [Int64: Traffic] {
        var found: [Int64: Traffic] = [:]
        let sql = """
            SELECT number, sum(received), sum(sent) FROM tunnel CROSS JOIN traffic_slot ON tunnel_id = tunnel.id
            WHERE step = ? AND number BETWEEN ? AND ? GROUP BY number
            """
        let arguments: [ColumnValue] = [
            .integer(range.step), .integer(numbers.lowerBound), .integer(numbers.upperBound),
        ]
        try database.each(sql, arguments) { row in
            var row = RowReader(row, of: "traffic_slot")
            found[try row.integer()] = try row.traffic()
            return true
        }
        return found
    }

    /// The slots of a range in which something was observed.
    func observedSlots(in range: TrafficRange, _ numbers: ClosedRange<Int64>) throws -> Set<Int64> {
        var found: Set<Int64> = []
        try database.each(
            "SELECT number FROM observed_slot WHERE step = ? AND number BETWEEN ? AND ?",
            [.integer(range.step), .integer(numbers.lowerBound), .integer(numbers.upperBound)]
        ) { row in
            found.insert(row[0])
            return true
        }
        return found
    }

    /// One slot, if there is any such row.
    func slot(_ number: Int64, of tunnel: ObjectID, in range: TrafficRange) throws -> TrafficSlot? {
        let row = try database.first(
            "SELECT received, sent, peers FROM traffic_slot WHERE tunnel_id = ? AND step = ? AND number = ?",
            [.bytes(tunnel.bytes), .integer(range.step), .integer(number)])
        guard let row else { return nil }
        var reader = RowReader(row, of: "traffic_slot")
        return TrafficSlot(sum: try reader.traffic(), peers: try reader.bytes(PeerAmounts.init(bytes:)))
    }
}

extension RowReader {
    /// Two columns: what was received, and what was sent.
    fileprivate mutating func traffic() throws -> Traffic {
        Traffic(received: UInt64(clamping: try integer()), sent: UInt64(clamping: try integer()))
    }
}
