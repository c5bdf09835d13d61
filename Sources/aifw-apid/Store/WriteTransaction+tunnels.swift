import Wire

extension WriteTransaction {
    /// Stores a new tunnel and logs it; throws ``StoreError/clash(_:)`` with all clashes.
    func insert(
        _ tunnel: TunnelRecord, by author: Author, action: AuditAction = .create, changes: JSON? = nil
    ) throws -> TunnelRecord {
        let clashes = try clashes(of: tunnel)
        guard clashes.isEmpty else { throw StoreError.clash(clashes) }
        let revision = try log(action, of: tunnel.object, by: author, changes: changes)
        let stored = tunnel.stamped(ObjectStamp(createdAt: now, updatedAt: now, revision: revision), peerCount: 0)
        try database.run(TunnelRecord.insert, stored.arguments + [.text(stored.name.key)])
        state.newSecrets.append(stored.privateKey)
        try insertNetworks(of: stored)
        return stored
    }

    /// Stores what a tunnel has become and logs it; throws ``StoreError/clash(_:)`` with all clashes.
    ///
    /// One that has not changed is neither stored nor logged, and keeps its revision.
    func update(_ tunnel: TunnelRecord, by author: Author, action: AuditAction = .update) throws -> TunnelRecord {
        let former = try self.tunnel(tunnel.id)
        guard tunnel.stamped(former.stamp, peerCount: former.peerCount) != former else { return former }
        let clashes = try clashes(of: tunnel, former: former)
        guard clashes.isEmpty else { throw StoreError.clash(clashes) }
        let revision = try log(action, of: tunnel.object, by: author, changes: JSON.changes(from: former, to: tunnel))
        let stamp = ObjectStamp(createdAt: former.stamp.createdAt, updatedAt: now, revision: revision)
        let stored = tunnel.stamped(stamp, peerCount: former.peerCount)
        try database.run(TunnelRecord.update, stored.arguments + [.text(stored.name.key), .bytes(stored.id.bytes)])
        if stored.privateKey != former.privateKey { state.newSecrets.append(stored.privateKey) }
        if stored.address != former.address {
            try database.run("DELETE FROM tunnel_network WHERE tunnel_id = ?", [.bytes(stored.id.bytes)])
            try insertNetworks(of: stored)
            state.hints.forget(stored.id)
        }
        return stored
    }

    /// Deletes a tunnel with all its peers and logs it.
    func deleteTunnel(_ id: ObjectID, by author: Author) throws {
        let tunnel = try tunnel(id)
        try deleteTraffic(of: id)
        try database.run("DELETE FROM tunnel WHERE id = ?", [.bytes(id.bytes)])
        state.hints.forget(id)
        try log(.delete, of: tunnel.object, by: author)
    }

    func insertNetworks(of tunnel: TunnelRecord) throws {
        for network in tunnel.address.networks {
            let range = AddressRange(network)
            try database.run(
                "INSERT INTO tunnel_network (family, first, last, tunnel_id, length) VALUES (?, ?, ?, ?, ?)",
                [range.family, range.first, range.last, .bytes(tunnel.id.bytes), range.length])
        }
    }
}
