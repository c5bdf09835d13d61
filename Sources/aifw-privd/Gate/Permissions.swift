import Wire

/// Which request is taken in which state of a connection: the whole table.
enum Permissions {
    static func permits(_ kind: Request.Kind, in state: Session.State) -> Bool {
        switch state {
        case .greeting:
            switch kind {
            case .greet: true
            case .seal, .reseal, .reveal, .applyTunnel, .applyPeers, .removeTunnel, .readTunnel, .inventory,
                .applyRules, .readRules, .applyAssociations, .readAssociations:
                false
            }
        case .writing:
            switch kind {
            case .seal, .reseal, .applyTunnel, .applyPeers, .removeTunnel, .readTunnel, .inventory, .applyRules,
                .readRules, .applyAssociations, .readAssociations:
                true
            case .greet, .reveal: false
            }
        case .reading:
            switch kind {
            case .seal, .reseal, .reveal, .readTunnel, .inventory, .readRules, .readAssociations: true
            case .greet, .applyTunnel, .applyPeers, .removeTunnel, .applyRules, .applyAssociations: false
            }
        }
    }
}
