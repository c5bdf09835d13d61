import Wire

/// What becomes of associations in the kernel: asked for by writes, and read for answers.
extension ControlPlane {
    /// What the kernel says of these associations now. One is read by itself, several by one reading of all.
    func associationStates(of records: [AssociationRecord]) async throws -> [ObjectID: AssociationState] {
        guard !records.isEmpty else { return [:] }
        let only = records.count == 1 ? DesiredAssociation(records[0]).map(ReadAssociations.init(of:)) : nil
        let actual = try await reader.read(only ?? ReadAssociations())
        return Dictionary(
            records.map { ($0.id, AssociationState(of: $0, in: actual)) }, uniquingKeysWith: { first, _ in first })
    }
}

extension StoreTransaction {
    /// All that is asked for when an association is new, has become another or is gone, in the order in which it is safe.
    func requests(
        from former: AssociationRecord?, to association: AssociationRecord?
    ) throws -> [Request] {
        let rules = try ruleRequests(from: former, to: association)
        return rules.closing + plan(from: former, to: association) + rules.opening
    }
}

extension HelperWriter {
    /// All that makes an association be in the kernel and the anchor, whatever of it is there: what a start asks for.
    func requests(
        toStart association: AssociationRecord, in transaction: some StoreTransaction
    ) throws -> [Request] {
        let missing = try DesiredAssociation(association).map { desired in
            plan(desired: desired, actual: try read(ReadAssociations(of: desired)))
        }
        return try (missing ?? []) + transaction.ruleRequests(from: nil, to: association).opening
    }

    /// The same for one that has become another and could not be put right before: of what it was there may be anything.
    func requests(
        toStart association: AssociationRecord, after former: AssociationRecord, in transaction: some StoreTransaction
    ) throws -> [Request] {
        try transaction.ruleRequests(from: former, to: association).closing
            + plan(removing: former, besides: association) + requests(toStart: association, in: transaction)
    }
}
