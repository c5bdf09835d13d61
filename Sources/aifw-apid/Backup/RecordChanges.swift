import Wire

/// What a restore makes of the objects of one kind.
struct RecordChanges<Record: Sendable>: Sendable {
    private(set) var created: [Record] = []
    private(set) var updated: [(former: Record, record: Record)] = []
    private(set) var deleted: [Record] = []
    private(set) var unchanged: [Record] = []

    /// Compares what there is with what is to be, by id.
    ///
    /// - Parameters:
    ///   - settle: what is to be, with what is kept of an object that there is already, such as a secret that is the same and
    ///     only sealed otherwise. It throws where that can't be said any more.
    ///   - areSame: whether nothing of it changes.
    init<Wanted>(
        from former: [Record], to wanted: [Wanted], id: (Record) -> ObjectID, wantedID: (Wanted) -> ObjectID,
        settle: (Wanted, Record?) throws -> Record, areSame: (Record, Record) -> Bool
    ) rethrows {
        var rest = Dictionary(former.map { (id($0), $0) }, uniquingKeysWith: { first, _ in first })
        for wanted in wanted {
            let old = rest.removeValue(forKey: wantedID(wanted))
            let record = try settle(wanted, old)
            if let old {
                if areSame(old, record) { unchanged.append(old) } else { updated.append((old, record)) }
            } else {
                created.append(record)
            }
        }
        deleted = former.filter { rest[id($0)] != nil }
    }

    /// What is new, and what has become another.
    var written: [Record] { created + updated.map(\.record) }

    /// What is gone, and what those were that have become others.
    var replaced: [Record] { deleted + updated.map(\.former) }

    var isEmpty: Bool { created.isEmpty && updated.isEmpty && deleted.isEmpty }

    /// As answers and the log have it.
    var json: JSON {
        [
            "created": .integer(Int64(created.count)), "updated": .integer(Int64(updated.count)),
            "deleted": .integer(Int64(deleted.count)), "unchanged": .integer(Int64(unchanged.count)),
        ]
    }
}
