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

    /// Where the kernel hides keys, what is there is taken for having the right ones: to make it anew each time would not
    /// show them either.
    func has(_ part: DesiredAssociation.Part) -> Bool {
        guard let made = associations[part.key]?.asMade else { return false }
        return made == part.asMade
            || made
                == part.asMade.replacingKeys(
                    encryption: SecretFingerprint.hidden, authentication: SecretFingerprint.hidden)
    }

    /// Whether a sender has almost no sequence number left: at 2^32 the kernel sends no more (RFC 4303, section 3.3.3), and
    /// one that is made anew begins with 1 and another salt. Not with a replay window: the other end, which has one too,
    /// would drop all that comes then.
    func isUsedUp(_ part: DesiredAssociation.Part) -> Bool {
        part.addition.direction == .out && part.asMade.replayWindow.rawValue == 0
            && (associations[part.key]?.packets ?? 0) >= Self.packetsOfALife
    }

    /// 94 % of them: what is left lasts for minutes at a million packets a second, and a period is 30 s.
    private static let packetsOfALife: UInt64 = 0xF000_0000

    func has(_ policy: SecurityPolicy) -> Bool { policies[policy.key]?.asMade == policy }
}

extension ReadAssociations {
    /// Reads what an association is to have.
    init(of desired: DesiredAssociation) {
        self.init(only: .init(associations: desired.parts.map(\.key), policies: desired.policies.map(\.key)))
    }
}
