internal import Wire

/// A whole list of the API, however many pages it came in.
struct Listing {
    let items: [JSON]
    /// The document: as received if it was one page, else put together from all of them.
    let document: Bytes
    /// The last page: what a list says of itself beside its items is in each.
    let page: JSON
}

extension Client {
    /// The most that one page may hold.
    static let pageLimit = 1000

    /// Every item of the list at `path`: follows `next_cursor` until there is none.
    func list(_ path: [String], query: [(name: String, value: String)] = []) throws(Failure) -> Listing {
        var items: [JSON] = []
        var cursors: Set<String> = []
        var total: JSON?
        var query = query + [(name: "limit", value: String(Self.pageLimit))]
        while true {
            let response = try send(Request(.get, path, query: query))
            let page = try response.json()
            guard let data = page["data"]?.elements else { throw .notUnderstood("a list without \"data\"") }
            items += data
            total = page["total"] ?? total
            guard let cursor = page["next_cursor"]?.text else {
                if cursors.isEmpty { return Listing(items: items, document: response.body, page: page) }
                var members = [JSON.Member(name: "data", value: .array(items))]
                if let total { members.append(JSON.Member(name: "total", value: total)) }
                if case .object(let all) = page { members += all.filter { !["data", "total"].contains($0.name) } }
                return Listing(items: items, document: JSON.object(members).serialized, page: page)
            }
            guard cursors.insert(cursor).inserted else { throw .notUnderstood("a page of a list comes twice") }
            query = query.filter { $0.name != "cursor" } + [(name: "cursor", value: cursor)]
        }
    }
}
