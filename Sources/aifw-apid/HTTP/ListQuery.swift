import Wire

/// How a list is cut: `?limit=&cursor=&q=&sort=`.
struct ListQuery: Sendable, Equatable {
    enum Sort: String, Sendable, CaseIterable {
        case name
        case nameDescending = "-name"
        case createdAt = "created_at"
        case createdAtDescending = "-created_at"
    }

    /// 1…1000.
    var limit = 100
    /// Where the page before ended.
    var cursor: Cursor?
    /// What the name, address or key must begin with or hold; nil or empty for all.
    var search: String?
    var sort = Sort.createdAt

    init() {}

    /// Reads the four parameters; call `finish()` on the reader afterwards.
    init(_ query: QueryReader) {
        limit = query.number("limit", in: 1...1000) ?? 100
        sort = query.choice("sort") ?? .createdAt
        search = query.text("q").flatMap { $0.isEmpty ? nil : $0 }
        cursor = query.optional("cursor") { (text) throws(ValueError) in
            guard let cursor = Cursor(text) else { throw ValueError("must be a next_cursor of this list") }
            return cursor
        }
        if let cursor, cursor.sort != sort { query.fault("cursor", "belongs to a list with another sort") }
    }
}

/// Where a page of a list ended: the sort key and the id of its last row. It names a place and not a row, so it is good
/// even when that row is gone.
///
/// To the caller it is opaque: base64url of `[sort, key, id]`.
struct Cursor: Sendable, Equatable, CustomStringConvertible {
    let sort: ListQuery.Sort
    /// The value of the column that the list is sorted by.
    let key: String
    let id: ObjectID

    init(sort: ListQuery.Sort, key: String, id: ObjectID) {
        self.sort = sort
        self.key = key
        self.id = id
    }

    /// Nil if it is none that we made.
    init?(_ text: String) {
        guard text.utf8.count <= 1024, let bytes = Base64URL.decode(text[...]),
            let elements = (try? JSONParser.parse(Bytes(bytes)))?.elements, elements.count == 3,
            let sort = elements[0].text.flatMap(ListQuery.Sort.init), let key = elements[1].text,
            let id = try? ObjectID(json: elements[2])
        else { return nil }
        self.init(sort: sort, key: key, id: id)
    }

    var description: String {
        let json: JSON = [.text(sort.rawValue), .text(key), id.json]
        return Base64URL.encode(json.serialized.withUnsafeBytes { Array($0) })
    }
}
