internal import Wire

/// The answer to a reading of associations while it is divided into frames.
struct AssociationPages {
    /// More than the JSON of a state of either kind can have: all names, IPv6 throughout, counters of 19 digits.
    private static let largest = 1024
    /// As many as fit into a page if all are of that size.
    static let count = ReadAssociations.pageSize / largest

    private var associations: [SecurityAssociationState] = []
    private var policies: [SecurityPolicyState] = []

    /// Takes one; gives back the page before it if that is full now.
    mutating func add(_ association: SecurityAssociationState) -> ReadAssociations.Answer? {
        defer { associations.append(association) }
        return full
    }

    mutating func add(_ policy: SecurityPolicyState) -> ReadAssociations.Answer? {
        defer { policies.append(policy) }
        return full
    }

    /// The page that ends the answer.
    mutating func last() -> ReadAssociations.Answer { take(more: false) }

    private var full: ReadAssociations.Answer? {
        mutating get { associations.count + policies.count == Self.count ? take(more: true) : nil }
    }

    private mutating func take(more: Bool) -> ReadAssociations.Answer {
        defer { (associations, policies) = ([], []) }
        return ReadAssociations.Answer(associations: associations, policies: policies, more: more)
    }
}
