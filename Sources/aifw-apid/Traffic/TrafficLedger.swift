import Synchronization
import Wire

/// How much every tunnel and every peer has carried since it was made, whatever was restarted meanwhile, and what of it lately.
///
/// The kernel counts from 0 each time an interface or a peer is made anew: what it counts is added up here. The store gets
/// totals together with the counters they are right for, so that after a sudden end the growth since goes by the kernel; slots
/// of the history are in memory for the minutes until they are written.
final class TrafficLedger: Sendable {
    /// With more than this between two observations, nobody knows which slots the growth belongs to.
    static let gap = Duration.seconds(15)
    /// How many slots wait for the store at most, where it does not take them.
    static let pendingLimit = 60

    private struct Accounts {
        var tunnels: [ObjectID: TunnelAccount] = [:]
        /// Tunnels that the kernel has let go of, or of peers of theirs, since the store was last told.
        var departed: Set<ObjectID> = []
        var pending = PendingSlots(write: 1)
        /// What is on its way into the store.
        var leaving: PendingSlots?
        var observed: ContinuousClock.Instant?

        /// The slots that a view of the store does not have; nil if it is older than what has gone there since.
        func unsaved(after write: Int64) -> [PendingSlots]? {
            guard write + 1 >= (leaving ?? pending).write else { return nil }
            return [leaving, pending].compactMap(\.self).filter { $0.write > write }
        }
    }
    private let accounts = Mutex(Accounts())
    private let clock: @Sendable () -> Timestamp

    init(clock: @escaping @Sendable () -> Timestamp = { .now }) { self.clock = clock }

    /// Goes on from what the store has; before anything is booked.
    ///
    /// - Parameter boot: which of the host's this is.
    func load(from store: Store, boot: String = Boot.id) async throws {
        let stored = try await store.write { transaction in
            try transaction.beginTraffic(in: boot)
            return try transaction.traffic()
        }
        accounts.withLock { accounts in
            accounts.tunnels = stored.tunnels
            accounts.pending = PendingSlots(write: stored.write + 1)
        }
    }

    /// What a tunnel has carried, with peers that are gone; nil for one that was not observed yet.
    func total(ofTunnel tunnel: ObjectID) -> Traffic? { accounts.withLock { $0.tunnels[tunnel]?.total } }

    /// The same for some of them at once; those that were not observed yet are left out.
    func totals(ofTunnels tunnels: [ObjectID]) -> [ObjectID: Traffic] {
        accounts.withLock { accounts in
            Dictionary(
                tunnels.compactMap { id in accounts.tunnels[id].map { (id, $0.total) } },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// What a peer of a tunnel has carried; nil for one that was not observed yet.
    func total(ofPeer peer: ObjectID, in tunnel: ObjectID) -> Traffic? {
        accounts.withLock { $0.tunnels[tunnel]?.peers[peer]?.total }
    }

    // MARK: Booking

    /// Books what was observed.
    ///
    /// - Parameter instant: when that was.
    func book(_ observation: Observation, at instant: ContinuousClock.Instant = .now) {
        let slot = TrafficRange.hour.slot(at: observation.time)
        accounts.withLock { accounts in
            let isContinuous = accounts.observed.map { instant - $0 <= Self.gap } ?? false
            accounts.observed = instant
            accounts.pending.observed.insert(slot)
            for tunnel in observation.tunnels {
                let growth = accounts.tunnels[tunnel.record.id, default: TunnelAccount()].book(tunnel)
                guard isContinuous, !growth.isEmpty else { continue }
                accounts.pending.add(TrafficSlot(growth), of: tunnel.record.id, at: slot)
            }
            guard accounts.tunnels.count > observation.tunnels.count else { return }
            let present = Set(observation.tunnels.map(\.record.id))
            accounts.tunnels = accounts.tunnels.filter { present.contains($0.key) }
            accounts.pending.tunnels = accounts.pending.tunnels.filter { present.contains($0.key) }
        }
    }

    /// Whether counters are worth reading before a tunnel's interface is removed, or peers of it.
    func isWorthReading(_ tunnel: ObjectID, whole: Bool) -> Bool {
        accounts.withLock { accounts in
            guard let count = accounts.tunnels[tunnel]?.peers.count, count > 0 else { return false }
            return whole || count <= TunnelAccount.readingLimit
        }
    }

    /// Books a tunnel's counters between two observations.
    func book(_ actual: ActualTunnel, of tunnel: ObjectID, at instant: ContinuousClock.Instant = .now) {
        let slot = TrafficRange.hour.slot(at: clock())
        accounts.withLock { accounts in
            guard let growth = accounts.tunnels[tunnel]?.book(actual), !growth.isEmpty,
                let observed = accounts.observed, instant - observed <= Self.gap
            else { return }
            accounts.pending.add(TrafficSlot(growth), of: tunnel, at: slot)
        }
    }

    /// Notes that the kernel has let go of peers, or of the whole interface if none are named: their counters end here.
    func remove(_ keys: [PublicKey]? = nil, of tunnel: ObjectID, at instant: ContinuousClock.Instant = .now) {
        accounts.withLock { accounts in
            guard accounts.tunnels[tunnel] != nil else { return }
            accounts.tunnels[tunnel]?.remove(keys, at: instant)
            accounts.departed.insert(tunnel)
        }
    }

    /// Forgets tunnels that were deleted with all that the store had of them. One that a restore brings back begins anew, with
    /// other numbers for its peers.
    func forget(_ tunnels: [ObjectID]) {
        accounts.withLock { accounts in
            for tunnel in tunnels {
                accounts.tunnels[tunnel] = nil
                accounts.pending.tunnels[tunnel] = nil
                accounts.leaving?.tunnels[tunnel] = nil
            }
        }
    }

    // MARK: Storing totals

    /// What the store has not, of so many peers at most: what one write can take without others waiting long. From now on it
    /// counts as stored, unless it is given back.
    func takeUnsaved(atMost limit: Int = 1000) -> TrafficTotals {
        accounts.withLock { accounts in
            var totals = TrafficTotals()
            var left = limit
            for id in Array(accounts.tunnels.keys) where left > 0 {
                guard let taken = accounts.tunnels[id]?.takeUnsaved(of: id, atMost: left) else { continue }
                totals.tunnels.append(taken)
                left -= max(taken.peers.count, 1)
            }
            return totals
        }
    }

    /// The same for what the kernel has let go of, whose counters can't be asked for again.
    func takeDeparted() -> TrafficTotals {
        accounts.withLock { accounts in
            var totals = TrafficTotals()
            for id in accounts.departed {
                guard let taken = accounts.tunnels[id]?.takeDeparted(of: id) else { continue }
                totals.tunnels.append(taken)
            }
            accounts.departed = []
            return totals
        }
    }

    func giveBack(_ totals: TrafficTotals) {
        accounts.withLock { accounts in
            for tunnel in totals.tunnels { accounts.tunnels[tunnel.id]?.giveBack(tunnel) }
        }
    }

    // MARK: Storing slots

    /// Takes the slots that are over, or all at the end; they stay here too until the write has an outcome.
    func takeSlots(isLast: Bool) -> PendingSlots {
        let open = TrafficRange.hour.slot(at: clock())
        return accounts.withLock { accounts in
            let taken = accounts.pending.takeAll(but: isLast ? nil : open)
            accounts.leaving = taken
            return taken
        }
    }

    /// The write of what was taken last has an outcome.
    func settle(isStored: Bool) {
        accounts.withLock { accounts in
            guard var kept = accounts.leaving.take(), !isStored else { return }
            kept += accounts.pending
            accounts.pending = kept
            accounts.pending.keep(atMost: Self.pendingLimit)
        }
    }

    /// What stands for a peer in the store's slots; nil for one that was not observed yet.
    func number(of peer: ObjectID, in tunnel: ObjectID) -> UInt32? {
        accounts.withLock { $0.tunnels[tunnel]?.peers[peer]?.number }
    }

    /// What a view of the store does not have; nil if it is too old, for some have gone into the store since.
    ///
    /// - Parameters:
    ///   - write: the last write of slots that is in the view.
    ///   - peer: nil for what all of the tunnel's have carried.
    func recent(of tunnel: ObjectID, _ peer: ObjectID?, after write: Int64) -> RecentTraffic? {
        accounts.withLock { accounts in
            guard let unsaved = accounts.unsaved(after: write) else { return nil }
            let account = peer.flatMap { accounts.tunnels[tunnel]?.peers[$0] }
            var recent = RecentTraffic(
                total: (peer == nil ? accounts.tunnels[tunnel]?.total : account?.total) ?? Traffic())
            for slots in unsaved {
                recent.observed.formUnion(slots.observed)
                for (number, slot) in slots.tunnels[tunnel] ?? [:] where peer == nil || account != nil {
                    recent.slots[number, default: Traffic()] += slot.traffic(of: account?.number)
                }
            }
            return recent
        }
    }

    /// The same for what these tunnels have carried together.
    func recent(of tunnels: [ObjectID], after write: Int64) -> RecentTraffic? {
        accounts.withLock { accounts in
            guard let unsaved = accounts.unsaved(after: write) else { return nil }
            var recent = RecentTraffic(total: Traffic())
            for tunnel in tunnels { recent.total += accounts.tunnels[tunnel]?.total ?? Traffic() }
            for slots in unsaved {
                recent.observed.formUnion(slots.observed)
                for tunnel in tunnels {
                    for (number, slot) in slots.tunnels[tunnel] ?? [:] {
                        recent.slots[number, default: Traffic()] += slot.sum
                    }
                }
            }
            return recent
        }
    }
}
