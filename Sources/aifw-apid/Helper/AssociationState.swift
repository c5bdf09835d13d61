import Wire

/// What the kernel says of an association now.
struct AssociationState: Sendable {
    /// Whether all of it is there, as its row says.
    let isInstalled: Bool
    /// Whether nothing of it is there.
    let isAbsent: Bool
    /// What is there of its security associations, those of ESP first.
    let incoming: [SecurityAssociationState]
    let outgoing: [SecurityAssociationState]

    /// - Parameter actual: what was read of it, or of all.
    init(of record: AssociationRecord, in actual: ActualAssociations) {
        guard let desired = DesiredAssociation(record) else {
            (isInstalled, isAbsent, incoming, outgoing) = (false, true, [], [])
            return
        }
        isInstalled = desired.parts.allSatisfy(actual.has) && desired.policies.allSatisfy(actual.has)
        isAbsent =
            !desired.parts.contains { actual.associations[$0.key] != nil }
            && !desired.policies.contains { actual.policies[$0.key] != nil }
        func states(_ direction: TrafficDirection) -> [SecurityAssociationState] {
            desired.parts.filter { $0.addition.direction == direction }.compactMap { actual.associations[$0.key] }
        }
        incoming = states(.in)
        outgoing = states(.out)
    }
}
