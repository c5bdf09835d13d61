import Wire

extension WriteTransaction {
    /// Makes the rows be what a backup holds, as one line of the log: what changes gets that line's revision, what does not
    /// keeps its own.
    ///
    /// What is unique is free before it is taken, so objects may have changed names, ports or keys with each other.
    @discardableResult
    func restore(_ difference: RestoreDifference, by author: Author, changes: JSON) throws -> Int64 {
        let revision = try log(.restore, of: nil, by: author, changes: changes)
        for tunnel in difference.tunnels.deleted { try deleteTraffic(of: tunnel.id) }
        for peer in difference.peers.deleted {
            try database.run("DELETE FROM peer WHERE id = ?", [.bytes(peer.id.bytes)])
        }
        try park(difference)
        try restore(difference.tunnels, at: revision)
        try restore(difference.peers, at: revision)
        // Only now, for a peer may have come from one.
        for tunnel in difference.tunnels.deleted {
            try database.run("DELETE FROM tunnel WHERE id = ?", [.bytes(tunnel.id.bytes)])
        }
        for id in difference.touchedTunnels {
            try database.run(
                "UPDATE tunnel SET peer_count = (SELECT count(*) FROM peer WHERE tunnel_id = tunnel.id) WHERE id = ?",
                [.bytes(id.bytes)])
            state.hints.forget(id)
        }
        try restore(difference.associations, at: revision)
        try restore(difference.tokens)
        try restore(difference.users, at: revision)
        try restore(difference.webhooks, at: revision)
        noteSecrets(difference)
        (state.tokensChanged, state.sessionsChanged) = (true, true)
        return revision
    }

    /// Has all that goes or becomes another let go of what is unique: it is given values that no object can have (a name has
    /// no control character). Rows stay, and what belongs to them.
    private func park(_ difference: RestoreDifference) throws {
        for (index, tunnel) in difference.tunnels.replaced.enumerated() {
            let (id, place) = (tunnel.id, ColumnValue.integer(Int64(-1 - index)))
            try database.run(
                "UPDATE tunnel SET name_key = ?, interface = ?, listen_port = ?, public_key = ? WHERE id = ?",
                [Self.parked(id), place, place, .bytes(id.bytes), .bytes(id.bytes)])
        }
        for (peer, _) in difference.peers.updated {
            try database.run(
                "UPDATE peer SET name_key = ?, public_key = ? WHERE id = ?",
                [Self.parked(peer.id), .bytes(peer.id.bytes), .bytes(peer.id.bytes)])
        }
        for (index, change) in difference.associations.updated.enumerated() {
            let (id, place) = (change.former.id, ColumnValue.integer(Int64(-1 - index)))
            try database.run(
                "UPDATE association SET number = ?, name_key = ?, spi_in = ?, remote = ? WHERE id = ?",
                [place, Self.parked(id), place, Self.parked(id), .bytes(id.bytes)])
            try database.run("DELETE FROM association_selector WHERE association_id = ?", [.bytes(id.bytes)])
        }
        for (user, _) in difference.users.updated {
            try database.run(
                "UPDATE user SET name_key = ? WHERE id = ?", [Self.parked(user.id), .bytes(user.id.bytes)])
        }
        for (webhook, _) in difference.webhooks.updated {
            try database.run(
                "UPDATE webhook SET name_key = ? WHERE id = ?", [Self.parked(webhook.id), .bytes(webhook.id.bytes)])
        }
    }

    private static func parked(_ id: ObjectID) -> ColumnValue { .text("\u{1}\(id)") }

    private func restore(_ tunnels: RecordChanges<TunnelRecord>, at revision: Int64) throws {
        for (_, tunnel) in tunnels.updated {
            let tunnel = tunnel.stamped(tunnel.stamp.at(revision), peerCount: tunnel.peerCount)
            try database.run(TunnelRecord.update, tunnel.arguments + [.text(tunnel.name.key), .bytes(tunnel.id.bytes)])
            try database.run("DELETE FROM tunnel_network WHERE tunnel_id = ?", [.bytes(tunnel.id.bytes)])
            try insertNetworks(of: tunnel)
        }
        for tunnel in tunnels.created {
            let tunnel = tunnel.stamped(tunnel.stamp.at(revision), peerCount: 0)
            try database.run(TunnelRecord.insert, tunnel.arguments + [.text(tunnel.name.key)])
            try insertNetworks(of: tunnel)
        }
    }

    private func restore(_ peers: RecordChanges<PeerRecord>, at revision: Int64) throws {
        for (_, peer) in peers.updated {
            let peer = peer.stamped(peer.stamp.at(revision))
            try database.run(PeerRecord.update, peer.arguments + [.text(peer.name.key), .bytes(peer.id.bytes)])
            try database.run("DELETE FROM allowed_ip WHERE peer_id = ?", [.bytes(peer.id.bytes)])
            try insertAllowedIPs(of: peer)
        }
        for peer in peers.created {
            let peer = peer.stamped(peer.stamp.at(revision))
            try database.run(PeerRecord.insert, peer.arguments + [.text(peer.name.key)])
            try insertAllowedIPs(of: peer)
        }
    }

    private func restore(_ associations: RecordChanges<AssociationRecord>, at revision: Int64) throws {
        guard !associations.isEmpty else { return }
        for association in associations.deleted {
            try database.run("DELETE FROM association WHERE id = ?", [.bytes(association.id.bytes)])
        }
        for (_, association) in associations.updated {
            let association = association.stamped(association.stamp.at(revision))
            try database.run(
                AssociationRecord.update,
                association.arguments + [.text(association.name.key), .bytes(association.id.bytes)])
            try insertSelectors(of: association)
        }
        for association in associations.created {
            let association = association.stamped(association.stamp.at(revision))
            try database.run(AssociationRecord.insert, association.arguments + [.text(association.name.key)])
            try insertSelectors(of: association)
        }
        // The numbers below the highest that nobody has.
        try database.run("DELETE FROM association_free_number")
        try database.run(
            """
            INSERT INTO association_free_number (number)
            WITH RECURSIVE below (number) AS (
                SELECT 1 UNION ALL
                SELECT number + 1 FROM below WHERE number < (SELECT coalesce(max(number), 0) FROM association))
            SELECT number FROM below WHERE number <= (SELECT coalesce(max(number), 0) FROM association)
            AND number NOT IN (SELECT number FROM association)
            """)
    }

    /// Those that were not stored before.
    private func noteSecrets(_ difference: RestoreDifference) {
        let former = Set(
            difference.tunnels.updated.map(\.former.privateKey) + difference.peers.updated.flatMap(\.former.secrets)
                + difference.associations.updated.flatMap(\.former.keys.secrets))
        let stored =
            difference.tunnels.written.map(\.privateKey) + difference.peers.written.flatMap(\.secrets)
            + difference.associations.written.flatMap(\.keys.secrets)
        state.newSecrets += stored.filter { !former.contains($0) }
    }
}

extension ObjectStamp {
    /// Its times, with the revision of a restore.
    func at(_ revision: Int64) -> ObjectStamp {
        ObjectStamp(createdAt: createdAt, updatedAt: updatedAt, revision: revision)
    }
}
