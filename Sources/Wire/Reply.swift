/// What the helper answers: the verb's own name with its answer, or `refused`.
///
/// Every request gets one reply; only what reads a list (``ReadTunnel``, ``ReadRules``, ``ReadAssociations``) may get
/// several, each but the last with `more`.
public enum Reply<Asked: Verb>: Sendable {
    case answer(Asked.Answer)
    case refused(Refusal)

    /// Reads the body of a frame that answers `Asked`; a reply to another verb is malformed.
    public init(frame body: Bytes) throws(Refusal) {
        let message = try Frame.message(in: body)
        let due = Asked.kind.rawValue
        switch message.name {
        case due: self = .answer(try Asked.Answer(json: message.value, path: ""))
        case "refused": self = .refused(try Refusal(json: message.value, path: ""))
        default: throw Refusal(.malformed, "a reply to \(message.name.quoted) where one to \(due) is due")
        }
    }

    /// The whole frame, length included.
    public func frame() throws(Refusal) -> Bytes {
        let member: JSON.Member =
            switch self {
            case .answer(let answer): JSON.Member(name: Asked.kind.rawValue, value: answer.json)
            case .refused(let refusal): JSON.Member(name: "refused", value: refusal.json)
            }
        return try Frame.encode(.object([member]))
    }
}

extension Refusal {
    /// The frame that refuses a request, whichever it was.
    public func frame() throws(Refusal) -> Bytes {
        try Frame.encode(.object([JSON.Member(name: "refused", value: json)]))
    }
}
