import Wire

/// Which request is taken in which state of a connection: the whole table.
enum Permissions {
    static func permits(_ kind: Request.Kind, in state: Session.State) -> Bool {
        switch state {
        case .greeting:
            switch kind {
            case .greet: true
            case .seal, .reveal, .applyTunnel, .applyPeers, .removeTunnel, .readTunnel, .inventory: false
            }
        case .writing:
            switch kind {
            case .seal, .applyTunnel, .applyPeers, .removeTunnel, .readTunnel, .inventory: true
            case .greet, .reveal: false
            }
        case .reading:
            switch kind {
            case .seal, .reveal, .readTunnel, .inventory: true
            case .greet, .applyTunnel, .applyPeers, .removeTunnel: false
            }
        }
    }
}
