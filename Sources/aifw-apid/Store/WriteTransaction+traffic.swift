import GRDB
import Wire

/// What is observed is no change: it gets no revision, and moves no ETag.
extension WriteTransaction {
    /// Stores totals; those of tunnels that are gone are left out.
    ///
    /// - Parameter undo: called if they do not get onto the disk.
    func store(_ totals: TrafficTotals, orElse undo: @escaping @Sendable (TrafficTotals) -> Void) throws {
        guard !totals.tunnels.isEmpty else { return }
        state.undo.append { undo(totals) }
        for tunnel in totals.tunnels where try isThere(tunnel.id) {
            try database.run(
                """
                INSERT INTO tunnel_traffic (tunnel_id, received, sent, next_number) VALUES (?, ?, ?, ?)
                ON CONFLICT (tunnel_id) DO UPDATE SET
                received = excluded.received, sent = excluded.sent, next_number = excluded.next_number
                """, [.bytes(tunnel.id.bytes)] + .amounts(tunnel.total) + [.integer(Int64(tunnel.nextNumber))])
            for peer in tunnel.peers {
                let account = peer.account
                try database.run(
                    """
                    INSERT OR REPLACE INTO peer_traffic
                    (peer_id, number, received, sent, counted_received, counted_sent, interface)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                    [.bytes(peer.id.bytes), .integer(Int64(account.number))] + .amounts(account.total)
                        + .amounts(account.counted) + [account.interface.map { .integer(Int64($0)) } ?? .null])
            }
        }
    }

    /// Notes which boot of the host this is: in another one, no counter goes on where it was.
    func beginTraffic(in boot: String) throws {
        guard try database.first("SELECT 1 FROM traffic_write WHERE boot = ?", [.text(boot)]) == nil else { return }
        try database.run("UPDATE peer_traffic SET interface = NULL")
        try database.run(
            """
            INSERT INTO traffic_write (id, number, boot) VALUES (1, 0, ?)
            ON CONFLICT (id) DO UPDATE SET boot = excluded.boot
            """, [.text(boot)])
    }

    /// Stores slots in the place of what was stored of them; those of tunnels that are gone are left out.
    func store(_ slots: TrafficRows) throws {
        for (range, numbers) in slots.observed {
            for number in numbers {
                try database.run(
                    "INSERT OR IGNORE INTO observed_slot (step, number) VALUES (?, ?)",
                    [.integer(range.step), .integer(number)])
            }
        }
        for (tunnel, ranges) in slots.tunnels where try isThere(tunnel) {
            for (range, slots) in ranges {
                for (number, slot) in slots {
                    try database.run(
                        """
                        INSERT INTO traffic_slot (tunnel_id, step, number, received, sent, peers)
                        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tunnel_id, step, number) DO UPDATE SET
                        received = excluded.received, sent = excluded.sent, peers = excluded.peers
                        """,
                        [.bytes(tunnel.bytes), .integer(range.step), .integer(number)] + .amounts(slot.sum)
                            + [.bytes(slot.peers.bytes)])
                }
            }
        }
        try database.run(
            """
            INSERT INTO traffic_write (id, number, boot) VALUES (1, ?, '')
            ON CONFLICT (id) DO UPDATE SET number = excluded.number
            """, [.integer(slots.write)])
    }

    /// Deletes what a tunnel and its peers have carried, before they are deleted: a restore may bring them back, and nobody
    /// would know then which peer a number stood for.
    func deleteTraffic(of tunnel: ObjectID) throws {
        let id: [ColumnValue] = [.bytes(tunnel.bytes)]
        try database.run("DELETE FROM peer_traffic WHERE peer_id IN (SELECT id FROM peer WHERE tunnel_id = ?)", id)
        try database.run("DELETE FROM traffic_slot WHERE tunnel_id = ?", id)
        try database.run("DELETE FROM tunnel_traffic WHERE tunnel_id = ?", id)
        state.deletedTunnels.append(tunnel)
    }

    /// Deletes the slots that no history has at this moment, and what peers that are gone have left.
    func pruneTraffic() throws {
        for range in TrafficRange.allCases {
            let numbers = range.slots(at: now)
            let bounds: [ColumnValue] = [
                .integer(range.step), .integer(numbers.lowerBound), .integer(numbers.upperBound),
            ]
            try database.run("DELETE FROM traffic_slot WHERE step = ? AND NOT number BETWEEN ? AND ?", bounds)
            try database.run("DELETE FROM observed_slot WHERE step = ? AND NOT number BETWEEN ? AND ?", bounds)
        }
        try database.run("DELETE FROM peer_traffic WHERE peer_id NOT IN (SELECT id FROM peer)")
    }

    private func isThere(_ tunnel: ObjectID) throws -> Bool {
        try database.first("SELECT 1 FROM tunnel WHERE id = ?", [.bytes(tunnel.bytes)]) != nil
    }
}

extension [ColumnValue] {
    /// What was received, and what was sent.
    fileprivate static func amounts(_ traffic: Traffic) -> [ColumnValue] {
        [.integer(Int64(clamping: traffic.received)), .integer(Int64(clamping: traffic.sent))]
    }
}
