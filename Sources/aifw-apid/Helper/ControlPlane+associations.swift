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
    /// Has an association that is to be enabled be in the kernel and the anchor, whatever of it is there: what a start does.
    func start(_ association: AssociationRecord, in transaction: some StoreTransaction) throws {
        if let desired = DesiredAssociation(association) {
            try apply(plan(desired: desired, actual: try read(ReadAssociations(of: desired))))
        }
        try apply(try transaction.ruleRequests(from: nil, to: association).opening)
    }
}
