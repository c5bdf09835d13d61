import Wire

/// The SQL of a list: which rows, in which order, from where on. All that a user said is an argument, never text of it.
struct Selection {
    let query: ListQuery
    let table: String
    private var conditions: [String] = []
    private var arguments: [ColumnValue] = []

    /// - Parameters:
    ///   - addresses: the column, or an expression in parentheses, with addresses that are separated by ", "; nil for none.
    ///   - hasKey: whether what is listed has a public key.
    init(
        _ query: ListQuery, of table: String, addresses: String?, hasKey: Bool = true, tunnel: ObjectID? = nil
    ) {
        self.query = query
        self.table = table
        if let tunnel {
            conditions.append("tunnel_id = ?")
            arguments.append(.bytes(tunnel.bytes))
        }
        if let search = query.search {
            // Of the name any part is found, in upper or lower case; of addresses and keys what they begin with.
            var choices = ["instr(lower(name), lower(?)) > 0"]
            arguments.append(.text(search))
            if let addresses {
                choices.append("instr(', ' || \(addresses), ', ' || ?) > 0")
                arguments.append(.text(search))
            }
            if hasKey, let keys = KeyRange(prefix: search) {
                choices.append("public_key BETWEEN ? AND ?")
                arguments += [.bytes(keys.first), .bytes(keys.last)]
            }
            conditions.append("(\(choices.joined(separator: " OR ")))")
        }
    }

    /// One row more than the page holds, so that it shows whether there is another page.
    func page(_ select: String) -> (sql: String, arguments: [ColumnValue]) {
        let column = query.sort.isByName ? "name_key" : "created_at"
        let direction = query.sort.isDescending ? "DESC" : "ASC"
        var conditions = conditions
        var arguments = arguments
        if let cursor = query.cursor {
            // The place after the last row of the page before, whether that row is still there or not.
            conditions.append("(\(column), id) \(query.sort.isDescending ? "<" : ">") (?, ?)")
            let key: ColumnValue = query.sort.isByName ? .text(cursor.key) : .integer(Int64(cursor.key) ?? 0)
            arguments += [key, .bytes(cursor.id.bytes)]
        }
        let sql = "\(select)\(Self.clause(conditions)) ORDER BY \(column) \(direction), id \(direction) LIMIT ?"
        return (sql, arguments + [.integer(Int64(query.limit) + 1)])
    }

    var total: (sql: String, arguments: [ColumnValue]) {
        ("SELECT count(*) FROM \(table)\(Self.clause(conditions))", arguments)
    }

    private static func clause(_ conditions: [String]) -> String {
        conditions.isEmpty ? "" : " WHERE \(conditions.joined(separator: " AND "))"
    }
}

extension ListQuery.Sort {
    var isByName: Bool { self == .name || self == .nameDescending }
    var isDescending: Bool { self == .nameDescending || self == .createdAtDescending }
}
