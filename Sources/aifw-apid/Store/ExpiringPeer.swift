import GRDB
import Wire

/// A peer that is enabled and will expire.
struct ExpiringPeer: Sendable {
    let id: ObjectID
    let tunnel: ObjectID
    let name: ObjectName
    let expiresAt: Timestamp
}

extension StoreTransaction {
    /// The peers that will have expired at `end`, the next first, so many at most, and how many there are.
    func peersExpiring(upTo end: Timestamp, atMost limit: Int) throws -> (first: [ExpiringPeer], total: Int) {
        let those = "FROM peer WHERE expires_at > ? AND expires_at <= ? AND enabled = 1"
        let span: [ColumnValue] = [.time(now), .time(end)]
        var peers: [ExpiringPeer] = []
        try database.each(
            "SELECT id, tunnel_id, name, expires_at \(those) ORDER BY expires_at, id LIMIT ?",
            span + [.integer(Int64(limit))]
        ) { row in
            var row = RowReader(row, of: "peer")
            peers.append(
                ExpiringPeer(
                    id: try row.id(), tunnel: try row.id(), name: try row.text(), expiresAt: try row.time()))
            return true
        }
        guard peers.count == limit else { return (peers, peers.count) }
        return (peers, try database.first("SELECT count(*) \(those)", span)?[0] ?? peers.count)
    }
}
