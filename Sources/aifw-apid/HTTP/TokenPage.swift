import Wire

/// One page of the tokens. There are few of them and all are in memory, so they are sorted and cut here.
struct TokenPage {
    let records: [TokenRecord]
    /// Where the next page begins; nil if this is the last.
    let next: Cursor?
    /// How many there are on all pages.
    let total: Int

    init(of all: [TokenRecord], _ query: ListQuery) {
        let places = all.filter { record in
            query.search.map { record.name.holds($0) } ?? true
        }.map(Place.init)
        let byName = query.sort == .name || query.sort == .nameDescending
        let descending = query.sort == .nameDescending || query.sort == .createdAtDescending
        func precedes(_ left: Place, _ right: Place) -> Bool {
            let (first, second) = descending ? (right, left) : (left, right)
            return byName
                ? (first.name, first.id) < (second.name, second.id) : (first.time, first.id) < (second.time, second.id)
        }
        var rest = places.sorted(by: precedes)[...]
        if let cursor = query.cursor {
            let end = Place(name: cursor.key, time: Int64(cursor.key) ?? 0, id: cursor.id.bits)
            rest = rest.drop { !precedes(end, $0) }
        }
        let page = rest.prefix(query.limit)
        total = places.count
        records = page.compactMap(\.record)
        next =
            page.count == rest.count
            ? nil
            : page.last.flatMap(\.record).map { last in
                Cursor(
                    sort: query.sort, key: byName ? last.name.description : String(last.createdAt.milliseconds),
                    id: last.id)
            }
    }

    /// What a record is sorted by, or where a page ended.
    private struct Place {
        let name: String
        let time: Int64
        let id: UInt128
        var record: TokenRecord?

        init(name: String, time: Int64, id: UInt128) {
            (self.name, self.time, self.id) = (name, time, id)
        }

        init(_ record: TokenRecord) {
            self.init(
                name: record.name.description, time: record.createdAt.milliseconds, id: record.id.bits)
            self.record = record
        }
    }
}
