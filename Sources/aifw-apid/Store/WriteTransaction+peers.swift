import Wire

extension WriteTransaction {
    /// Stores a new peer and logs it; throws ``StoreError/clash(_:)`` with all clashes.
    func insert(_ peer: PeerRecord, by author: Author, changes: JSON? = nil) throws -> PeerRecord {
        let clashes = try clashes(of: peer)
        guard clashes.isEmpty else { throw StoreError.clash(clashes) }
        let revision = try log(.create, of: peer.object, by: author, changes: changes)
        let stored = peer.stamped(ObjectStamp(createdAt: now, updatedAt: now, revision: revision))
        try database.run(PeerRecord.insert, stored.arguments + [.text(stored.name.key)])
        state.newSecrets += stored.secrets
        try insertAllowedIPs(of: stored)
        try count(1, in: stored.tunnel)
        return stored
    }

    /// Stores new peers of one tunnel, and logs each. That they clash with nothing has been looked at, all together and within
    /// this transaction or with nothing changed since (``StoreTransaction/hasPeers(of:changedSince:)``).
    ///
    /// - Parameter revealed: those whose configurations are handed out with the answer, which is logged too.
    func insert(
        unclashing peers: [PeerRecord], of tunnel: ObjectID, revealing revealed: Set<ObjectID>, by author: Author
    ) throws -> [PeerRecord] {
        var stored: [PeerRecord] = []
        stored.reserveCapacity(peers.count)
        for peer in peers {
            let revision = try log(.create, of: peer.object, by: author)
            if revealed.contains(peer.id) { try log(.reveal, of: peer.object, by: author) }
            stored.append(try insert(unclashing: peer, revision))
        }
        try count(Int64(stored.count), in: tunnel)
        return stored
    }

    /// Stores a tunnel and its peers out of a file, and logs each with all that it has; throws
    /// ``StoreError/clash(_:)`` with all clashes of the tunnel. The peers have nobody but each other to clash with, which has
    /// been looked at.
    func insert(
        _ tunnel: TunnelRecord, importedWith peers: [PeerRecord], by author: Author
    ) throws -> (tunnel: TunnelRecord, peers: [PeerRecord]) {
        let tunnel = try insert(tunnel, by: author, action: .importing, changes: .changes(making: tunnel))
        let stored = try peers.map { peer in
            let revision = try log(.importing, of: peer.object, by: author, changes: .changes(making: peer))
            return try insert(unclashing: peer, revision)
        }
        try count(Int64(stored.count), in: tunnel.id)
        return (tunnel.stamped(tunnel.stamp, peerCount: stored.count), stored)
    }

    private func insert(unclashing peer: PeerRecord, _ revision: Int64) throws -> PeerRecord {
        let peer = peer.stamped(ObjectStamp(createdAt: now, updatedAt: now, revision: revision))
        try database.run(PeerRecord.insert, peer.arguments + [.text(peer.name.key)])
        state.newSecrets += peer.secrets
        try insertAllowedIPs(of: peer)
        return peer
    }

    /// Stores what a peer has become and logs it; throws ``StoreError/clash(_:)`` with all clashes.
    ///
    /// One that has not changed is neither stored nor logged, and keeps its revision.
    func update(_ peer: PeerRecord, by author: Author, action: AuditAction = .update) throws -> PeerRecord {
        let former = try self.peer(peer.id, of: peer.tunnel)
        guard peer.stamped(former.stamp) != former else { return former }
        let clashes = try clashes(of: peer, former: former)
        guard clashes.isEmpty else { throw StoreError.clash(clashes) }
        let revision = try log(action, of: peer.object, by: author, changes: JSON.changes(from: former, to: peer))
        let stored = peer.stamped(
            ObjectStamp(createdAt: former.stamp.createdAt, updatedAt: now, revision: revision))
        try database.run(PeerRecord.update, stored.arguments + [.text(stored.name.key), .bytes(stored.id.bytes)])
        state.newSecrets += stored.secrets.filter { !former.secrets.contains($0) }
        if stored.allowedIPs != former.allowedIPs {
            try database.run("DELETE FROM allowed_ip WHERE peer_id = ?", [.bytes(stored.id.bytes)])
            try insertAllowedIPs(of: stored)
            release(former)
        }
        return stored
    }

    /// Deletes a peer and logs it; returns what it was.
    @discardableResult
    func deletePeer(_ id: ObjectID, of tunnel: ObjectID, by author: Author) throws -> PeerRecord {
        let peer = try peer(id, of: tunnel)
        try database.run("DELETE FROM peer WHERE id = ?", [.bytes(id.bytes)])
        release(peer)
        try count(-1, in: tunnel)
        try log(.delete, of: peer.object, by: author)
        return peer
    }

    func insertAllowedIPs(of peer: PeerRecord) throws {
        for prefix in peer.allowedIPs.elements {
            let range = AddressRange(prefix)
            try database.run(
                """
                INSERT INTO allowed_ip (tunnel_id, family, first, last, peer_id, length) VALUES (?, ?, ?, ?, ?, ?)
                """,
                [.bytes(peer.tunnel.bytes), range.family, range.first, range.last, .bytes(peer.id.bytes), range.length])
        }
    }

    private func release(_ peer: PeerRecord) {
        for prefix in peer.allowedIPs.elements { state.hints.release(prefix, of: peer.tunnel) }
    }

    /// The tunnel's revision stays: peers do not move its ETag.
    private func count(_ difference: Int64, in tunnel: ObjectID) throws {
        try database.run(
            "UPDATE tunnel SET peer_count = peer_count + ? WHERE id = ?", [.integer(difference), .bytes(tunnel.bytes)])
    }
}
