import FilterRules
import Wire

/// A pass rule, and the tunnel or association whose it is.
struct OwnedRule: Sendable {
    let rule: PassRule
    let object: AuditObject
    fileprivate let createdAt: Timestamp
    /// Its place among the rules of its owner.
    fileprivate let ordinal: Int

    static func all(_ rules: [PassRule], of object: AuditObject, made createdAt: Timestamp) -> [OwnedRule] {
        rules.enumerated().map { OwnedRule(rule: $1, object: object, createdAt: createdAt, ordinal: $0) }
    }

    /// What the rule says beside its kind and its owner.
    var members: [JSON.Member] { rule.members.filter { !["kind", "owner", "number"].contains($0.name) } }

    /// Whether a part of the owner's name or the beginning of one of its words and addresses is what is looked for.
    fileprivate func matches(_ search: String) -> Bool {
        object.name.holds(search) || members.contains { $0.value.text?.utf8.starts(with: search.utf8) == true }
    }
}

extension AuditObject {
    /// As answers show whose something is.
    var json: JSON { ["type": .text(kind.rawValue), "id": id.json, "name": name.json] }
}

extension Page<OwnedRule> {
    /// One page of the rules. They are made from what is enabled and are in memory, so they are sorted and cut here: by the
    /// name or the age of their owner, and those of one owner in the order of the rules.
    init(of all: [OwnedRule], _ query: ListQuery) {
        let places = all.filter { rule in query.search.map(rule.matches) ?? true }.map { Place($0, query.sort) }
        var rest = places.sorted { $0.precedes($1, query.sort) }[...]
        if let end = query.cursor.flatMap({ Place($0, query.sort) }) {
            rest = rest.drop { !end.precedes($0, query.sort) }
        }
        let page = rest.prefix(query.limit)
        let isMore = page.count < rest.count
        self.init(
            records: page.compactMap(\.rule), next: isMore ? page.last?.cursor(query.sort) : nil, total: places.count)
    }
}

/// What a rule is sorted by, or where a page ended.
private struct Place {
    let name: String
    let time: Int64
    let id: ObjectID
    let ordinal: Int
    var rule: OwnedRule?

    init(_ rule: OwnedRule, _ sort: ListQuery.Sort) {
        name = sort.isByName ? rule.object.name.key : ""
        time = sort.isByName ? 0 : rule.createdAt.milliseconds
        (id, ordinal) = (rule.object.id, rule.ordinal)
        self.rule = rule
    }

    /// Nil if it is the cursor of another list.
    init?(_ cursor: Cursor, _ sort: ListQuery.Sort) {
        let parts = cursor.key.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let ordinal = Int(parts[0]) else { return nil }
        self.ordinal = ordinal
        id = cursor.id
        name = sort.isByName ? String(parts[1]) : ""
        time = sort.isByName ? 0 : Int64(parts[1]) ?? 0
    }

    func cursor(_ sort: ListQuery.Sort) -> Cursor {
        Cursor(sort: sort, key: "\(ordinal) \(sort.isByName ? name : String(time))", id: id)
    }

    func precedes(_ other: Place, _ sort: ListQuery.Sort) -> Bool {
        let (first, second) = sort.isDescending ? (other, self) : (self, other)
        return (first.name, first.time, first.id.bits, first.ordinal)
            < (second.name, second.time, second.id.bits, second.ordinal)
    }
}
