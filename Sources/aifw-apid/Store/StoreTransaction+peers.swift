import GRDB
import Wire

extension StoreTransaction {
    /// The peer with this id, if it is that tunnel's; throws ``StoreError/missing(_:)`` else.
    func peer(_ id: ObjectID, of tunnel: ObjectID) throws -> PeerRecord {
        guard let peer = try peerIfAny(id, of: tunnel) else { throw StoreError.missing(.peer) }
        return peer
    }

    /// The same; nil if there is none.
    func peerIfAny(_ id: ObjectID, of tunnel: ObjectID) throws -> PeerRecord? {
        let arguments: [ColumnValue] = [.bytes(id.bytes), .bytes(tunnel.bytes)]
        let row = try database.first("\(PeerRecord.select) WHERE id = ? AND tunnel_id = ?", arguments)
        return try row.map { try PeerRecord(row: RowReader($0, of: "peer")) }
    }

    /// Whether something has become of a tunnel or its peers after a revision that could be in the way of new peers. That a
    /// peer is gone is in nobody's way. A restore is one line in the log, whatever it has changed.
    func hasPeers(of tunnel: ObjectID, changedSince revision: Int64) throws -> Bool {
        let sql = """
            SELECT 1 FROM revision WHERE number > ? AND (action = 'restore' OR object_id = ? OR EXISTS
            (SELECT 1 FROM peer WHERE peer.id = revision.object_id AND peer.tunnel_id = ?)) LIMIT 1
            """
        let id = ColumnValue.bytes(tunnel.bytes)
        return try database.first(sql, [.integer(revision), id, id]) != nil
    }

    /// Hands over all peers of a tunnel, one by one in the order of their creation, so that a large tunnel is never in
    /// memory as a whole.
    func forEachPeer(of tunnel: ObjectID, _ body: (PeerRecord) throws -> Void) throws {
        let sql = "\(PeerRecord.select) WHERE tunnel_id = ? ORDER BY created_at, id"
        try database.each(sql, [.bytes(tunnel.bytes)]) { row in
            try body(try PeerRecord(row: RowReader(row, of: "peer")))
            return true
        }
    }

    /// Hands over of all peers of a tunnel, in the order of their creation, who they are and what their state depends on.
    func forEachPeerInBrief(of tunnel: ObjectID, _ body: (PeerInBrief) -> Void) throws {
        let sql = """
            SELECT id, name, public_key, enabled, expires_at FROM peer WHERE tunnel_id = ? ORDER BY created_at, id
            """
        try database.each(sql, [.bytes(tunnel.bytes)]) { row in
            body(try PeerInBrief(row: RowReader(row, of: "peer")))
            return true
        }
    }

    /// The enabled peers, of any tunnel, whose `expires_at` is after `start` and not after `end`: what is to be taken from
    /// the kernel now.
    func peersExpired(after start: Timestamp, upTo end: Timestamp) throws -> [PeerRecord] {
        var peers: [PeerRecord] = []
        let sql = "\(PeerRecord.select) WHERE expires_at > ? AND expires_at <= ? AND enabled = 1 ORDER BY expires_at"
        try database.each(sql, [.time(start), .time(end)]) { row in
            peers.append(try PeerRecord(row: RowReader(row, of: "peer")))
            return true
        }
        return peers
    }

    /// The peers that the kernel should have and whose endpoint is a host name, tunnel by tunnel.
    func peersWithNames() throws -> [NamedPeer] {
        var peers: [NamedPeer] = []
        let sql = """
            \(PeerRecord.select) WHERE endpoint IS NOT NULL AND enabled = 1 AND (expires_at IS NULL OR expires_at > ?)
            AND tunnel_id IN (SELECT id FROM tunnel WHERE enabled = 1) ORDER BY tunnel_id
            """
        try database.each(sql, [.time(now)]) { row in
            if let peer = NamedPeer(try PeerRecord(row: RowReader(row, of: "peer"))) { peers.append(peer) }
            return true
        }
        return peers
    }

    /// Of the other peers of a tunnel that the kernel should have and that have exactly this allowed IP, the one made last.
    func latestPeer(with prefix: Prefix, of tunnel: ObjectID, besides peer: ObjectID) throws -> PeerRecord? {
        let range = AddressRange(prefix)
        let sql = """
            SELECT \(PeerRecord.columns.map { "peer.\($0)" }.joined(separator: ", "))
            FROM allowed_ip JOIN peer ON peer.id = allowed_ip.peer_id
            WHERE allowed_ip.tunnel_id = ? AND family = ? AND first = ? AND last = ? AND peer.id <> ?
            AND enabled = 1 AND (expires_at IS NULL OR expires_at > ?)
            ORDER BY created_at DESC, peer.id DESC LIMIT 1
            """
        let arguments: [ColumnValue] = [
            .bytes(tunnel.bytes), range.family, range.first, range.last, .bytes(peer.bytes), .time(now),
        ]
        return try database.first(sql, arguments).map { try PeerRecord(row: RowReader($0, of: "peer")) }
    }

    /// Of `prefixes`, those that are an allowed IP of another peer of the tunnel which the kernel should have: their routes
    /// must stay when `peer` lets go of them.
    func prefixesInUse(_ prefixes: [Prefix], of tunnel: ObjectID, besides peer: ObjectID) throws -> [Prefix] {
        try prefixes.filter { prefix in
            let range = AddressRange(prefix)
            let sql = """
                SELECT 1 FROM allowed_ip JOIN peer ON peer.id = allowed_ip.peer_id
                WHERE allowed_ip.tunnel_id = ? AND family = ? AND first = ? AND last = ? AND peer.id <> ?
                AND enabled = 1 AND (expires_at IS NULL OR expires_at > ?)
                """
            let arguments: [ColumnValue] = [
                .bytes(tunnel.bytes), range.family, range.first, range.last, .bytes(peer.bytes), .time(now),
            ]
            return try database.first(sql, arguments) != nil
        }
    }
}

extension PeerRecord {
    static let select = "SELECT \(columns.joined(separator: ", ")) FROM peer"

    /// What a write sets, beside what the store keeps by itself: ``arguments``, and the key of the name.
    private static let written = columns + ["name_key"]

    static let insert = """
        INSERT INTO peer (\(written.joined(separator: ", "))) VALUES (\(written.map { _ in "?" }.joined(separator: ", ")))
        """

    /// Takes the id behind the arguments.
    static let update = "UPDATE peer SET \(written.map { "\($0) = ?" }.joined(separator: ", ")) WHERE id = ?"
}
