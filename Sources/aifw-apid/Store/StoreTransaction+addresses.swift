import GRDB
import Wire

extension StoreTransaction {
    /// The next free address of a tunnel, of the family asked for or else of its first address; nil if all are in use, or if
    /// the tunnel has no address of that family.
    ///
    /// Free is what no peer's allowed IPs hold, of disabled and expired peers neither.
    func nextFreeAddress(in tunnel: TunnelRecord, family: IPAddress.Family? = nil) throws -> IPAddress? {
        let family = family ?? tunnel.address.families.first
        for network in tunnel.address.networks where network.family == family {
            let pool = AddressPool(network, own: tunnel.address.addresses)
            let hint = hints[tunnel.id, network]
            if let address = try lowestFree(in: pool, of: tunnel.id, from: hint) { return address }
            // A reader's hint may be newer than its snapshot, where an address below it may be free.
            if hint > 0, let address = try lowestFree(in: pool, of: tunnel.id, from: 0) { return address }
        }
        return nil
    }

    private func lowestFree(in pool: AddressPool, of tunnel: ObjectID, from hint: UInt128) throws -> IPAddress? {
        guard var walk = AddressPool.Walk(pool, from: hint), let start = walk.candidate else { return nil }
        let key: [ColumnValue] = [.bytes(tunnel.bytes), .integer(Int64(pool.family.rawValue))]
        for around in AddressRange.starts(ofThoseAround: start) {
            let sql = """
                SELECT last FROM allowed_ip WHERE tunnel_id = ? AND family = ? AND first = ? ORDER BY last DESC LIMIT 1
                """
            guard let row = try database.first(sql, key + [AddressRange.column(around)]) else { continue }
            var reader = RowReader(row, of: "allowed_ip")
            guard walk.meets(around...(try reader.id().bits)) else { return walk.result }
        }
        let sql = """
            SELECT first, last FROM allowed_ip WHERE tunnel_id = ? AND family = ? AND first >= ? ORDER BY first
            """
        try database.each(sql, key + [AddressRange.column(start)]) { row in
            var reader = RowReader(row, of: "allowed_ip")
            let first = try reader.id().bits
            return walk.meets(first...(try reader.id().bits))
        }
        return walk.result
    }
}

extension WriteTransaction {
    /// Takes the next free address of a tunnel, so that the search for the one after it begins there.
    ///
    /// It is taken once a peer is inserted with it; two changes never get the same one, for they run one after the other.
    func takeNextFreeAddress(in tunnel: TunnelRecord, family: IPAddress.Family? = nil) throws -> IPAddress? {
        guard let address = try nextFreeAddress(in: tunnel, family: family) else { return nil }
        for network in tunnel.address.networks where network.contains(address) {
            state.hints[tunnel.id, network] = address.bits
        }
        return address
    }
}
