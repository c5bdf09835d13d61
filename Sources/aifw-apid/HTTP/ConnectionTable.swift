import NIOCore

/// Which connections there are, how much each counts for, and which make way: the state of ``Connections``, without a lock.
struct ConnectionTable {
    struct Entry {
        let channel: any Channel
        let owner: ConnectionOwner
        /// Requests that were begun and are not answered; of streams, those too whose answer was not taken yet.
        var requests = 0
        /// Since when it has waited for a request, or has had one.
        var since = NIODeadline.now()

        /// What goes first: a connection with more streams than a page opens, then what waits, last what is in work.
        fileprivate var rank: Int { requests > ConnectionTable.manyStreams ? 0 : requests == 0 ? 1 : 2 }
    }

    /// More streams of HTTP/2 than this at once are many.
    static let manyStreams = 16

    private(set) var entries: [ObjectIdentifier: Entry] = [:]
    /// Those that were told to make way and are not closed yet.
    private(set) var closing = 0
    private var weights: [ConnectionOwner: Int] = [:]
    private var weight = 0

    mutating func add(_ channel: any Channel, of owner: ConnectionOwner) {
        entries[ObjectIdentifier(channel)] = Entry(channel: channel, owner: owner)
        count(1, for: owner)
    }

    /// Says that a connection is closed.
    mutating func remove(_ id: ObjectIdentifier) {
        guard let entry = entries.removeValue(forKey: id) else {
            closing -= 1
            return
        }
        count(-max(entry.requests, 1), for: entry.owner)
    }

    /// Says that a request has begun on `channel`; returns whether the connection counts for more now.
    mutating func begin(on channel: any Channel) -> Bool {
        guard let id = connection(of: channel), var entry = entries[id] else { return false }
        entry.requests += 1
        if entry.requests == 1 { entry.since = .now() } else { count(1, for: entry.owner) }
        entries[id] = entry
        return entry.requests > 1
    }

    mutating func end(on channel: any Channel) {
        guard let id = connection(of: channel), var entry = entries[id] else { return }
        entry.requests -= 1
        if entry.requests == 0 { entry.since = .now() } else { count(-1, for: entry.owner) }
        entries[id] = entry
    }

    /// Those that wait for a request since before `past`.
    func idle(since past: NIODeadline) -> [any Channel] {
        entries.values.filter { $0.requests == 0 && $0.since < past }.map(\.channel)
    }

    /// Takes out as many as are too many, and returns them to be closed.
    mutating func makeRoom(_ limit: Int, sparing spared: ObjectIdentifier? = nil) -> [any Channel] {
        var victims: [any Channel] = []
        while weight > limit {
            guard let (id, entry) = next(sparing: spared) else { break }
            entries[id] = nil
            count(-max(entry.requests, 1), for: entry.owner)
            closing += 1
            victims.append(entry.channel)
        }
        return victims
    }

    /// The one that makes way first.
    private func next(sparing spared: ObjectIdentifier?) -> (id: ObjectIdentifier, entry: Entry)? {
        // A newcomer's own share is looked at only where it has more than the newcomer.
        let newcomer = spared.flatMap { entries[$0]?.owner }
        let heaviest = weights.lazy.filter { $0.key != newcomer || $0.value > 1 }.map(\.value).max()
        let first = entries.lazy.filter { weights[$0.value.owner] == heaviest && $0.key != spared }.min {
            ($0.value.rank, $0.value.since) < ($1.value.rank, $1.value.since)
        }
        return first.map { ($0.key, $0.value) }
    }

    /// The connection that `channel` is, or is a stream of.
    private func connection(of channel: any Channel) -> ObjectIdentifier? {
        let id = ObjectIdentifier(channel)
        return entries[id] != nil ? id : channel.parent.map { ObjectIdentifier($0) }
    }

    private mutating func count(_ change: Int, for owner: ConnectionOwner) {
        weight += change
        let new = weights[owner, default: 0] + change
        weights[owner] = new == 0 ? nil : new
    }
}
