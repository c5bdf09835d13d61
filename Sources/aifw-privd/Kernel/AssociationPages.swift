internal import Wire

/// The answer to a reading of associations, divided into frames.
enum AssociationPages {
    /// More than the JSON of a state of either kind can have: all names, IPv6 throughout, counters of 19 digits.
    private static let largest = 1024
    /// As many as fit into a page if all are of that size.
    static let count = ReadAssociations.pageSize / largest

    /// At least one, which may be empty.
    static func divide(
        _ associations: [SecurityAssociationState], _ policies: [SecurityPolicyState]
    ) -> [ReadAssociations.Answer] {
        var (associations, policies) = (associations[...], policies[...])
        var answers: [ReadAssociations.Answer] = []
        repeat {
            let first = associations.prefix(count)
            let second = policies.prefix(count - first.count)
            associations.removeFirst(first.count)
            policies.removeFirst(second.count)
            answers.append(
                ReadAssociations.Answer(
                    associations: Array(first), policies: Array(second),
                    more: !associations.isEmpty || !policies.isEmpty))
        } while !associations.isEmpty || !policies.isEmpty
        return answers
    }
}
