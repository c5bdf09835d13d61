import GRDB
import Wire

extension StoreTransaction {
    /// Everything that keeps a tunnel from being stored, with whom it clashes.
    ///
    /// - Parameter former: what it was before, if it is stored: a clash that was taken then is no clash now.
    func clashes(of tunnel: TunnelRecord, former: TunnelRecord? = nil) throws -> [Clash] {
        let id = ColumnValue.bytes(tunnel.id.bytes)
        let columns: [(Clash.Subject, String, ColumnValue)] = [
            (.name, "name_key", .text(tunnel.name.key)),
            (.interface, "interface", .integer(Int64(tunnel.interface.number))),
            (.listenPort, "listen_port", .integer(Int64(tunnel.listenPort.rawValue))),
            (.publicKey, "public_key", .bytes(tunnel.publicKey.bytes)),
        ]
        var clashes: [Clash] = []
        for (subject, column, value) in columns {
            let sql = "SELECT id, name FROM tunnel WHERE \(column) = ? AND id <> ?"
            clashes += try clash(subject, .tunnel, sql, [value, id])
        }
        let sql = "SELECT id, name FROM peer WHERE tunnel_id = ? AND public_key = ?"
        clashes += try clash(.publicKey, .peer, sql, [id, .bytes(tunnel.publicKey.bytes)])
        if !tunnel.allowOverlap, former?.address != tunnel.address || former?.allowOverlap == true {
            clashes += try networkClashes(of: tunnel)
        }
        return clashes
    }

    /// Everything that keeps a peer from being stored, with whom it clashes.
    ///
    /// - Parameter former: what it was before, if it is stored: a clash that was taken then is no clash now.
    func clashes(of peer: PeerRecord, former: PeerRecord? = nil) throws -> [Clash] {
        let arguments: [ColumnValue] = [.bytes(peer.tunnel.bytes), .bytes(peer.id.bytes)]
        let byColumn = "SELECT id, name FROM peer WHERE tunnel_id = ? AND id <> ? AND"
        var clashes = try clash(.name, .peer, "\(byColumn) name_key = ?", arguments + [.text(peer.name.key)])
        let key = ColumnValue.bytes(peer.publicKey.bytes)
        clashes += try clash(.publicKey, .peer, "\(byColumn) public_key = ?", arguments + [key])
        // An interface takes no peer that has its own key (wg_set_device passes it over in silence).
        let own = "SELECT id, name FROM tunnel WHERE id = ? AND public_key = ?"
        clashes += try clash(.publicKey, .tunnel, own, [.bytes(peer.tunnel.bytes), key])
        if !peer.allowOverlap, former?.allowedIPs != peer.allowedIPs || former?.allowOverlap == true {
            clashes += try allowedIPClashes(of: peer.allowedIPs, in: peer.tunnel, besides: peer.id)
        }
        return clashes
    }

    /// The same for a peer that is not made yet; what is nil will be made so that it clashes with nothing.
    func clashes(of proposal: PeerProposal, in tunnel: TunnelRecord) throws -> [Clash] {
        let id = ColumnValue.bytes(tunnel.id.bytes)
        let byColumn = "SELECT id, name FROM peer WHERE tunnel_id = ? AND"
        var clashes: [Clash] = []
        if let name = proposal.name {
            clashes += try clash(.name, .peer, "\(byColumn) name_key = ?", [id, .text(name.key)])
        }
        if let key = proposal.publicKey {
            clashes += try clash(.publicKey, .peer, "\(byColumn) public_key = ?", [id, .bytes(key.bytes)])
            if key == tunnel.publicKey { clashes.append(Clash(subject: .publicKey, other: tunnel.object)) }
        }
        if let allowedIPs = proposal.allowedIPs, !proposal.allowOverlap {
            clashes += try allowedIPClashes(of: allowedIPs, in: tunnel.id)
        }
        return clashes
    }

    /// The clash with the first row of a query for id and name; none if it has no row.
    func clash(
        _ subject: Clash.Subject, _ kind: AuditObject.Kind, _ sql: String, _ arguments: [ColumnValue]
    ) throws -> [Clash] {
        guard let row = try database.first(sql, arguments) else { return [] }
        var reader = RowReader(row, of: kind.rawValue)
        return [Clash(subject: subject, other: AuditObject(kind: kind, id: try reader.id(), name: try reader.text()))]
    }

    // MARK: Overlaps

    private func networkClashes(of tunnel: TunnelRecord) throws -> [Clash] {
        try tunnel.address.networks.compactMap { network in
            let overlap = try overlap(
                with: network, in: "tunnel_network JOIN tunnel ON tunnel.id = tunnel_id", of: "tunnel",
                where: "tunnel_id <> ?", [.bytes(tunnel.id.bytes)])
            return overlap.map { Clash(subject: .address(own: network, other: $0.prefix), other: $0.owner) }
        }
    }

    /// - Parameter id: the peer whose they are; nil for one that is not there yet.
    private func allowedIPClashes(
        of allowedIPs: AllowedIPs, in tunnel: ObjectID, besides id: ObjectID? = nil
    ) throws -> [Clash] {
        try allowedIPs.elements.compactMap { prefix in
            let overlap = try overlap(
                with: prefix, in: "allowed_ip JOIN peer ON peer.id = peer_id", of: "peer",
                where: "allowed_ip.tunnel_id = ? AND peer_id IS NOT ?", [.bytes(tunnel.bytes), .bytes(id?.bytes)])
            return overlap.map { Clash(subject: .allowedIPs(own: prefix, other: $0.prefix), other: $0.owner) }
        }
    }

    /// The first stored prefix that overlaps `prefix`: one that lies within it, or one around it.
    private func overlap(
        with prefix: Prefix, in tables: String, of kind: String, where condition: String, _ arguments: [ColumnValue]
    ) throws -> (prefix: Prefix, owner: AuditObject)? {
        let range = AddressRange(prefix)
        let select = """
            SELECT first, length, \(kind).id, \(kind).name FROM \(tables) WHERE \(condition) AND family = ? AND first
            """
        var row = try database.first(
            "\(select) BETWEEN ? AND ? LIMIT 1", arguments + [range.family, range.first, range.last])
        for start in AddressRange.starts(ofThoseAround: prefix.address.bits) where row == nil {
            row = try database.first(
                "\(select) = ? AND last >= ? LIMIT 1",
                arguments + [range.family, AddressRange.column(start), range.last])
        }
        guard let row else { return nil }
        var reader = RowReader(row, of: kind)
        let address = IPAddress(prefix.family, bits: try reader.id().bits)
        let length = try reader.number { (number: Int) throws(ValueError) in number }
        let owner = AuditObject(
            kind: kind == "tunnel" ? .tunnel : .peer, id: try reader.id(), name: try reader.text())
        return (Prefix(masking: address, length: length), owner)
    }
}
