import GRDB
import Wire

/// A page of a list.
struct Page<Record: Sendable>: Sendable {
    let records: [Record]
    /// Where the next page begins; nil on the last.
    let next: Cursor?
    /// How many there are on all pages.
    let total: Int
}

extension StoreTransaction {
    /// A page of all tunnels.
    func tunnels(_ query: ListQuery) throws -> Page<TunnelRecord> {
        let selection = Selection(query, of: "tunnel", addresses: "address")
        let rows = try page(selection, "\(TunnelRecord.select)") { try TunnelRecord(row: $0) }
        return Page(
            records: rows.records, next: rows.records.last.flatMap { rows.isMore ? $0.cursor(query.sort) : nil },
            total: try total(selection))
    }

    /// A page of a tunnel's peers; throws ``StoreError/missing(_:)`` if there is no such tunnel.
    func peers(of tunnel: ObjectID, _ query: ListQuery) throws -> Page<PeerRecord> {
        let count = try self.tunnel(tunnel).peerCount
        let selection = Selection(query, of: "peer", addresses: "allowed_ips", tunnel: tunnel)
        let rows = try page(selection, "\(PeerRecord.select)") { try PeerRecord(row: $0) }
        return Page(
            records: rows.records, next: rows.records.last.flatMap { rows.isMore ? $0.cursor(query.sort) : nil },
            total: query.search == nil ? count : try total(selection))
    }

    /// A page of all associations.
    func associations(_ query: ListQuery) throws -> Page<AssociationRecord> {
        let addresses = """
            (local || ', ' || remote || ', ' || coalesce(local_networks, '') || ', ' || coalesce(remote_networks, ''))
            """
        let selection = Selection(query, of: "association", addresses: addresses, hasKey: false)
        let rows = try page(selection, AssociationRecord.select) { try AssociationRecord(row: $0) }
        return Page(
            records: rows.records, next: rows.records.last.flatMap { rows.isMore ? $0.cursor(query.sort) : nil },
            total: try total(selection))
    }

    /// A page of all users.
    func users(_ query: ListQuery) throws -> Page<UserRecord> {
        let selection = Selection(query, of: "user", addresses: nil, hasKey: false)
        let rows = try page(selection, UserRecord.select) { try UserRecord(row: $0) }
        return Page(
            records: rows.records, next: rows.records.last.flatMap { rows.isMore ? $0.cursor(query.sort) : nil },
            total: try total(selection))
    }

    /// A page of all webhooks.
    func webhooks(_ query: ListQuery) throws -> Page<WebhookRecord> {
        let selection = Selection(query, of: "webhook", addresses: nil, hasKey: false)
        let rows = try page(selection, WebhookRecord.select) { try WebhookRecord(row: $0) }
        return Page(
            records: rows.records, next: rows.records.last.flatMap { rows.isMore ? $0.cursor(query.sort) : nil },
            total: try total(selection))
    }

    private func page<Record>(
        _ selection: Selection, _ select: String, _ make: (RowReader) throws -> Record
    ) throws -> (records: [Record], isMore: Bool) {
        var records: [Record] = []
        let (sql, arguments) = selection.page(select)
        var isMore = false
        try database.each(sql, arguments) { row in
            isMore = records.count == selection.query.limit
            if !isMore { records.append(try make(RowReader(row, of: selection.table))) }
            return !isMore
        }
        return (records, isMore)
    }

    private func total(_ selection: Selection) throws -> Int {
        let (sql, arguments) = selection.total
        return try database.first(sql, arguments)?[0] ?? 0
    }
}

extension TunnelRecord {
    fileprivate func cursor(_ sort: ListQuery.Sort) -> Cursor {
        Cursor(sort: sort, key: sort.isByName ? name.key : String(stamp.createdAt.milliseconds), id: id)
    }
}

extension AssociationRecord {
    fileprivate func cursor(_ sort: ListQuery.Sort) -> Cursor {
        Cursor(sort: sort, key: sort.isByName ? name.key : String(stamp.createdAt.milliseconds), id: id)
    }
}

extension PeerRecord {
    fileprivate func cursor(_ sort: ListQuery.Sort) -> Cursor {
        Cursor(sort: sort, key: sort.isByName ? name.key : String(stamp.createdAt.milliseconds), id: id)
    }
}

extension UserRecord {
    fileprivate func cursor(_ sort: ListQuery.Sort) -> Cursor {
        Cursor(sort: sort, key: sort.isByName ? name.key : String(stamp.createdAt.milliseconds), id: id)
    }
}

extension WebhookRecord {
    fileprivate func cursor(_ sort: ListQuery.Sort) -> Cursor {
        Cursor(sort: sort, key: sort.isByName ? name.key : String(stamp.createdAt.milliseconds), id: id)
    }
}
