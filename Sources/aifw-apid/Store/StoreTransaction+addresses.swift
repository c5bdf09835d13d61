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

    /// The lowest free addresses of a tunnel in one family, in their order: `count` of them, or as many as there are.
    ///
    /// - Parameter others: prefixes that count as used beside those of its peers.
    func freeAddresses(
        _ count: Int, in tunnel: TunnelRecord, _ family: IPAddress.Family, besides others: [Prefix]
    ) throws -> [IPAddress] {
        var free: [IPAddress] = []
        for network in tunnel.address.networks where network.family == family && free.count < count {
            var used = others.filter(network.overlaps).map { $0.address.bits...$0.last.bits }
            let range = AddressRange(network)
            let sql = """
                SELECT first, last FROM allowed_ip WHERE tunnel_id = ? AND family = ? AND first <= ? AND last >= ?
                """
            try database.each(sql, [.bytes(tunnel.id.bytes), range.family, range.last, range.first]) { row in
                var reader = RowReader(row, of: "allowed_ip")
                let first = try reader.id().bits
                used.append(first...(try reader.id().bits))
                return true
            }
            used.sort { $0.lowerBound < $1.lowerBound }
            let pool = AddressPool(network, own: tunnel.address.addresses)
            free += pool.lowestFree(count - free.count, used: used)
        }
        return free
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
