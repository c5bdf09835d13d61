import Wire

/// What a tunnel and its peers have carried.
struct TunnelAccount: Sendable {
    /// Tunnels with more peers are not read before a single peer is removed: that would cost more than the removal.
    static let readingLimit = 256

    /// With peers that are gone.
    private(set) var total = Traffic()
    /// What the store has of the total, or is to have for peers that are gone; the rest is what its peers have unsaved.
    private var saved = Traffic()
    private var isSaved = false
    private var nextNumber: UInt32 = 1
    private(set) var peers: [ObjectID: PeerAccount] = [:]
    /// Peers by the hashes of their public keys.
    private var byKey: [Int: ObjectID] = [:]
    /// When counters were last read, or gone: a reading that had begun before says nothing new.
    private var lastRead: ContinuousClock.Instant?
    /// What was taken from the kernel since the store was last told.
    private var departed: [ObjectID] = []
    private var isTorn = false

    init() {}

    /// As the store has it.
    init(total: Traffic, nextNumber: UInt32, peers: [ObjectID: PeerAccount]) {
        self.total = total
        saved = total
        isSaved = true
        self.nextNumber = max(nextNumber, (peers.values.lazy.map(\.number).max() ?? 0) + 1)
        self.peers = peers
        for (id, account) in peers {
            if let key = account.key { byKey[key] = id }
        }
    }

    // MARK: Booking

    /// Books what an observation says of the tunnel, and returns by how much each peer that has carried something grew.
    mutating func book(_ tunnel: ObservedTunnel) -> [(number: UInt32, traffic: Traffic)] {
        guard isNews(tunnel.reading) else { return [] }
        var growth: [(number: UInt32, traffic: Traffic)] = []
        for peer in tunnel.peers {
            var account = peers[peer.id] ?? newAccount()
            note(peer.publicKey.hashValue, of: peer.id, in: &account)
            if let state = peer.state {
                let counters = Traffic(received: state.received, sent: state.sent)
                let more = account.book(counters, in: tunnel.reading?.interface ?? 0)
                if !more.isNone { growth.append((account.number, more)) }
            } else if tunnel.reading != nil {
                account.leave()
            }
            peers[peer.id] = account
        }
        if peers.count > tunnel.peers.count { forget(besides: Set(tunnel.peers.map(\.id))) }
        for (_, traffic) in growth { total += traffic }
        return growth
    }

    /// The same for a reading of the kernel's alone, which says nothing of peers that are not known by their keys yet.
    mutating func book(_ actual: ActualTunnel) -> [(number: UInt32, traffic: Traffic)] {
        guard let reading = actual.reading, isNews(reading) else { return [] }
        var growth: [(number: UInt32, traffic: Traffic)] = []
        for state in actual.peers {
            guard let id = byKey[state.publicKey.hashValue], var account = peers[id] else { continue }
            let more = account.book(Traffic(received: state.received, sent: state.sent), in: reading.interface)
            if !more.isNone { growth.append((account.number, more)) }
            peers[id] = account
        }
        for (_, traffic) in growth { total += traffic }
        return growth
    }

    /// Peers were taken from the kernel; nil for the whole interface.
    mutating func remove(_ keys: [PublicKey]?, at time: ContinuousClock.Instant) {
        lastRead = time
        guard let keys else {
            isTorn = true
            return
        }
        for key in keys {
            guard let id = byKey[key.hashValue] else { continue }
            peers[id]?.leave()
            departed.append(id)
        }
    }

    /// Nothing is booked twice: of two readings that overlap, the one that comes second says nothing.
    private mutating func isNews(_ reading: CounterReading?) -> Bool {
        guard let reading else { return true }
        if let lastRead, reading.began < lastRead { return false }
        lastRead = reading.ended
        return true
    }

    private mutating func newAccount() -> PeerAccount {
        defer { nextNumber += 1 }
        return PeerAccount(number: nextNumber)
    }

    private mutating func note(_ key: Int, of id: ObjectID, in account: inout PeerAccount) {
        guard account.key != key else { return }
        if let former = account.key {
            if byKey[former] == id { byKey[former] = nil }
            account.leave()
        }
        account.key = key
        byKey[key] = id
    }

    /// Deleted peers leave what they have carried to the tunnel.
    private mutating func forget(besides present: Set<ObjectID>) {
        for id in Array(peers.keys) where !present.contains(id) {
            guard let account = peers.removeValue(forKey: id) else { continue }
            saved += account.unsaved
            if !account.unsaved.isNone { isSaved = false }
            if let key = account.key, byKey[key] == id { byKey[key] = nil }
        }
    }

    // MARK: Storing

    /// What the store has not, which from now on counts as stored; of so many peers at most.
    mutating func takeUnsaved(of tunnel: ObjectID, atMost limit: Int = .max) -> TrafficTotals.Tunnel? {
        let unsaved = peers.indices.lazy.filter { [peers] in !peers.values[$0].isSaved }.prefix(limit)
        return take(Array(unsaved), of: tunnel)
    }

    /// The same for what was taken from the kernel.
    mutating func takeDeparted(of tunnel: ObjectID) -> TrafficTotals.Tunnel? {
        defer { (departed, isTorn) = ([], false) }
        if isTorn { return takeUnsaved(of: tunnel) }
        return departed.isEmpty ? nil : take(departed.compactMap { peers.index(forKey: $0) }, of: tunnel)
    }

    private mutating func take(_ indices: [Dictionary<ObjectID, PeerAccount>.Index], of tunnel: ObjectID)
        -> TrafficTotals.Tunnel?
    {
        var taken: [TrafficTotals.Peer] = []
        for index in indices where !peers.values[index].isSaved {
            let account = peers.values[index]
            taken.append(TrafficTotals.Peer(id: peers.keys[index], account: account))
            saved += account.unsaved
            peers.values[index].unsaved = Traffic()
            peers.values[index].isSaved = true
        }
        guard !isSaved || !taken.isEmpty else { return nil }
        isSaved = true
        return TrafficTotals.Tunnel(id: tunnel, total: saved, nextNumber: nextNumber, peers: taken)
    }

    /// What was taken did not get into the store.
    mutating func giveBack(_ taken: TrafficTotals.Tunnel) {
        isSaved = false
        for peer in taken.peers where peers[peer.id] != nil {
            saved -= peer.account.unsaved
            peers[peer.id]?.unsaved += peer.account.unsaved
            peers[peer.id]?.isSaved = false
        }
    }
}
