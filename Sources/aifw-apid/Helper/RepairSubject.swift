import Logging
import Wire

/// What a repair is about.
enum RepairSubject {
    case tunnel(ObjectID, TunnelInterface)
    case association(ObjectID)
    /// Security associations and policies of ours that no association has.
    case strays
    case rules

    var words: String {
        switch self {
        case .tunnel: "a tunnel"
        case .association: "an association"
        case .strays: "what is left of associations"
        case .rules: "the packet filter's rules"
        }
    }

    var metadata: Logger.Metadata {
        switch self {
        case .tunnel(let id, let interface):
            ["tunnel": .stringConvertible(id), "interface": .stringConvertible(interface)]
        case .association(let id): ["association": .stringConvertible(id)]
        case .strays, .rules: [:]
        }
    }
}
