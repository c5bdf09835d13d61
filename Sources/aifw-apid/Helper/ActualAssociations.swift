import Wire

/// Security associations and policies as the helper read them, by what the kernel finds them by.
struct ActualAssociations: Sendable {
    private(set) var associations: [SecurityAssociationKey: SecurityAssociationState] = [:]
    private(set) var policies: [SecurityPolicyKey: SecurityPolicyState] = [:]
    /// Somebody else's, of those that were asked for by their keys. No plan names them.
    private(set) var foreign: [SecurityAssociationState] = []

    init() {}

    mutating func add(_ page: ReadAssociations.Answer) {
        for state in page.associations {
            if let key = state.key { associations[key] = state } else { foreign.append(state) }
        }
        for state in page.policies { policies[state.key] = state }
    }

    func has(_ part: DesiredAssociation.Part) -> Bool { associations[part.key]?.asMade == part.asMade }

    func has(_ policy: SecurityPolicy) -> Bool { policies[policy.key]?.asMade == policy }
}

extension ReadAssociations {
    /// Reads what an association is to have.
    init(of desired: DesiredAssociation) {
        self.init(only: .init(associations: desired.parts.map(\.key), policies: desired.policies.map(\.key)))
    }
}
