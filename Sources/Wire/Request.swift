/// Everything that can be asked of the helper: the whole list.
///
/// One verb a case; what it carries, what it answers and its limits stand together in Requests/. Both daemons switch over
/// this without a `default`, so the compiler names every place that a new verb must be answered in.
public enum Request: Sendable {
    case greet(Greet)
    case seal(Seal)
    case reseal(Reseal)
    case reveal(Reveal)
    case applyTunnel(ApplyTunnel)
    case applyPeers(ApplyPeers)
    case removeTunnel(RemoveTunnel)
    case readTunnel(ReadTunnel)
    case inventory(Inventory)
    case applyRules(ApplyRules)
    case readRules(ReadRules)
    case applyAssociations(ApplyAssociations)
    case readAssociations(ReadAssociations)

    /// The verb alone: what permissions are decided by.
    public enum Kind: String, Sendable, CaseIterable {
        case greet, seal, reseal, reveal, applyTunnel, applyPeers, removeTunnel, readTunnel, inventory
        case applyRules, readRules, applyAssociations, readAssociations
    }

    public var kind: Kind {
        switch self {
        case .greet: .greet
        case .seal: .seal
        case .reseal: .reseal
        case .reveal: .reveal
        case .applyTunnel: .applyTunnel
        case .applyPeers: .applyPeers
        case .removeTunnel: .removeTunnel
        case .readTunnel: .readTunnel
        case .inventory: .inventory
        case .applyRules: .applyRules
        case .readRules: .readRules
        case .applyAssociations: .applyAssociations
        case .readAssociations: .readAssociations
        }
    }

    /// Reads the body of a frame.
    public init(frame body: Bytes) throws(Refusal) {
        let message = try Frame.message(in: body)
        guard let kind = Kind(rawValue: message.name) else {
            throw Refusal(.unknownVerb, "unknown verb \(message.name.quoted)")
        }
        let json = message.value
        switch kind {
        case .greet: self = .greet(try Greet(json: json, path: ""))
        case .seal: self = .seal(try Seal(json: json, path: ""))
        case .reseal: self = .reseal(try Reseal(json: json, path: ""))
        case .reveal: self = .reveal(try Reveal(json: json, path: ""))
        case .applyTunnel: self = .applyTunnel(try ApplyTunnel(json: json, path: ""))
        case .applyPeers: self = .applyPeers(try ApplyPeers(json: json, path: ""))
        case .removeTunnel: self = .removeTunnel(try RemoveTunnel(json: json, path: ""))
        case .readTunnel: self = .readTunnel(try ReadTunnel(json: json, path: ""))
        case .inventory: self = .inventory(try Inventory(json: json, path: ""))
        case .applyRules: self = .applyRules(try ApplyRules(json: json, path: ""))
        case .readRules: self = .readRules(try ReadRules(json: json, path: ""))
        case .applyAssociations: self = .applyAssociations(try ApplyAssociations(json: json, path: ""))
        case .readAssociations: self = .readAssociations(try ReadAssociations(json: json, path: ""))
        }
    }

    /// The whole frame, length included.
    public func frame() throws(Refusal) -> Bytes {
        let json: JSON =
            switch self {
            case .greet(let verb): verb.json
            case .seal(let verb): verb.json
            case .reseal(let verb): verb.json
            case .reveal(let verb): verb.json
            case .applyTunnel(let verb): verb.json
            case .applyPeers(let verb): verb.json
            case .removeTunnel(let verb): verb.json
            case .readTunnel(let verb): verb.json
            case .inventory(let verb): verb.json
            case .applyRules(let verb): verb.json
            case .readRules(let verb): verb.json
            case .applyAssociations(let verb): verb.json
            case .readAssociations(let verb): verb.json
            }
        return try Frame.encode(.object([JSON.Member(name: kind.rawValue, value: json)]))
    }
}

/// A verb with its answer, so that a client's call is typed: `call(Seal(…))` gives a `Seal.Answer`.
public protocol Verb: Message {
    associatedtype Answer: Message
    static var kind: Request.Kind { get }
    var request: Request { get }
}
