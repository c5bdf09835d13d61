import Wire

/// The request that makes the kernel be as desired when an association is new, has become another or is gone, without a look at
/// the kernel: what a write sends. None if it is not concerned, as by another name.
func plan(from former: AssociationRecord?, to association: AssociationRecord?) -> [Request] {
    let old = former.flatMap { $0.isEnabled ? DesiredAssociation($0) : nil }
    let new = association.flatMap { $0.isEnabled ? DesiredAssociation($0) : nil }
    let kept = Set(
        (new?.parts ?? []).filter { part in old?.parts.contains { $0.asMade == part.asMade } == true }.map(\.key))
    let keptPolicies = Set((new?.policies ?? []).filter { old?.policies.contains($0) == true }.map(\.key))
    return request(
        removePolicies: (old?.policies ?? []).map(\.key).filter { !keptPolicies.contains($0) },
        remove: (old?.parts ?? []).map(\.key).filter { !kept.contains($0) },
        add: (new?.parts ?? []).filter { !kept.contains($0.key) },
        addPolicies: (new?.policies ?? []).filter { !keptPolicies.contains($0.key) })
}

/// The request that takes away what an association had and, as another that it has become, is not to have.
func plan(removing former: AssociationRecord, besides association: AssociationRecord) -> [Request] {
    let (old, new) = (DesiredAssociation(former), DesiredAssociation(association))
    let kept = Set((new?.parts ?? []).map(\.key))
    let keptPolicies = Set((new?.policies ?? []).map(\.key))
    return request(
        removePolicies: (old?.policies ?? []).map(\.key).filter { !keptPolicies.contains($0) },
        remove: (old?.parts ?? []).map(\.key).filter { !kept.contains($0) }, add: [], addPolicies: [])
}

/// The requests that make the kernel be as desired, and touch nothing that is so already: what every repair sends.
///
/// - Parameters:
///   - desired: the enabled ones.
///   - actual: all of ours, by the helper's reading.
/// - Returns: what takes away the parts that none of them has, to be sent first, for another may wait for their place; and
///   what each of them lacks, those that lack nothing left out.
func plan(
    desired: [AssociationRecord], actual: ActualAssociations
) -> (strays: [Request], perAssociation: [(id: ObjectID, requests: [Request])]) {
    let desired = desired.compactMap(DesiredAssociation.init)
    let wanted = Set(desired.lazy.flatMap(\.parts).map(\.key))
    let wantedPolicies = Set(desired.lazy.flatMap(\.policies).map(\.key))
    let strays = requests(
        removePolicies: actual.policies.keys.filter { !wantedPolicies.contains($0) },
        remove: actual.associations.keys.filter { !wanted.contains($0) })
    let perAssociation = desired.map { (id: $0.id, requests: plan(desired: $0, actual: actual)) }
    return (strays, perAssociation.filter { !$0.requests.isEmpty })
}

/// The request that makes one association be as desired, whatever of it is there. What is there otherwise goes first and comes
/// again in the same request; so does a sender that has used its sequence numbers up.
///
/// - Parameter actual: what was read of it, or of all.
func plan(desired: DesiredAssociation, actual: ActualAssociations) -> [Request] {
    let lacking = desired.parts.filter { !actual.has($0) || actual.isUsedUp($0) }
    let lackingPolicies = desired.policies.filter { !actual.has($0) }
    return request(
        removePolicies: lackingPolicies.map(\.key).filter { actual.policies[$0] != nil },
        remove: lacking.map(\.key).filter { actual.associations[$0] != nil }, add: lacking,
        addPolicies: lackingPolicies)
}

/// All of it in one request, for an association has no more parts than one may hold; none if there is nothing to be done.
private func request(
    removePolicies: [SecurityPolicyKey], remove: [SecurityAssociationKey], add: [DesiredAssociation.Part],
    addPolicies: [SecurityPolicy]
) -> [Request] {
    guard !(removePolicies.isEmpty && remove.isEmpty && add.isEmpty && addPolicies.isEmpty) else { return [] }
    return [
        .applyAssociations(
            ApplyAssociations(
                removePolicies: removePolicies, remove: remove, add: add.map(\.addition), addPolicies: addPolicies))
    ]
}

/// Cuts removals into requests that respect the limits of ``ApplyAssociations``: all policies first, as within a request.
private func requests(removePolicies: [SecurityPolicyKey], remove: [SecurityAssociationKey]) -> [Request] {
    var requests: [Request] = []
    var policies = removePolicies[...]
    var associations = remove[...]
    while !policies.isEmpty || !associations.isEmpty {
        let first = policies.prefix(ApplyAssociations.policyLimit)
        policies = policies.dropFirst(first.count)
        let then = policies.isEmpty ? associations.prefix(ApplyAssociations.limit) : []
        associations = associations.dropFirst(then.count)
        requests += request(removePolicies: Array(first), remove: Array(then), add: [], addPolicies: [])
    }
    return requests
}
