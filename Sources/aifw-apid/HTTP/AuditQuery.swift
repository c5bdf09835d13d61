import Wire

/// How the log is cut: `?limit=&cursor=&q=&sort=&action=&object=`.
struct AuditQuery: Sendable, Equatable {
    enum Sort: String, Sendable, CaseIterable {
        case newestFirst = "-revision"
        case oldestFirst = "revision"
    }

    /// 1…1000.
    var limit = 100
    var sort = Sort.newestFirst
    /// The revision that the page before ended with; nil for the first page.
    var last: Int64?
    /// A part of the actor's or the object's name, in upper or lower case; nil for all.
    var search: String?
    var action: AuditAction?
    var object: ObjectID?

    init() {}

    /// Reads the parameters; call `finish()` on the reader afterwards.
    init(_ query: QueryReader) {
        limit = query.number("limit", in: 1...1000) ?? 100
        sort = query.choice("sort") ?? .newestFirst
        search = query.text("q").flatMap { $0.isEmpty ? nil : $0 }
        action = query.choice("action")
        object = query.optional("object") { (text) throws(ValueError) in try ObjectID(text) }
        let sort = sort
        last = query.optional("cursor") { (text) throws(ValueError) in
            guard let cursor = Self.read(cursor: text) else { throw ValueError("must be a next_cursor of this list") }
            guard cursor.sort == sort else { throw ValueError("belongs to a list with another sort") }
            return cursor.last
        }
    }

    /// Where the page behind the one that ends with `last` begins; to the caller it is opaque.
    func cursor(after last: Int64) -> String { Base64URL.encode(Array("\(sort.rawValue):\(last)".utf8)) }

    private static func read(cursor text: String) -> (sort: Sort, last: Int64)? {
        guard text.utf8.count <= 64, let bytes = Base64URL.decode(text[...]) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sort = Sort(rawValue: String(parts[0])), let last = Int64(parts[1]), last > 0 else {
            return nil
        }
        return (sort, last)
    }
}
