import Wire

/// Why a delivery was not taken, in words for the administrator; no secret is in them.
enum WebhookFault: Error, Equatable {
    /// The name has no address, or nobody told in time.
    case unresolved(name: String, reason: String)
    /// Nothing may be sent there.
    case forbidden(address: IPAddress, objection: String)
    case noConnection(reason: String)
    case untrusted(reason: String)
    case tooSlow
    /// The receiver has answered with neither success nor what follows.
    case status(Int)
    /// It would rather be called elsewhere.
    case redirect(Int)
    /// 410: it wants no more of them.
    case gone
    case interrupted(reason: String)
    /// The signing secret can't be had.
    case unsigned(reason: String)
}

extension WebhookFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .unresolved(let name, let reason): "the name \(name) can't be resolved: \(reason)"
        case .forbidden(let address, let objection): "the address \(address) \(objection)"
        case .noConnection(let reason): "no connection: \(reason)"
        case .untrusted(let reason): "TLS failed, or the certificate is not trusted: \(reason)"
        case .tooSlow: "there was no answer within \(WebhookLine.patience)"
        case .status(let status): "the receiver answered \(status)"
        case .redirect(let status): "the receiver answered \(status), and redirects are not followed"
        case .gone: "the receiver answered 410: it wants no more deliveries"
        case .interrupted(let reason): "the connection ended before an answer: \(reason)"
        case .unsigned(let reason): "the delivery could not be signed: \(reason)"
        }
    }
}

extension WebhookFault {
    /// What a status of an answer means; nil for success.
    init?(status: Int) {
        switch status {
        case 200..<300: return nil
        case 300..<400: self = .redirect(status)
        case 410: self = .gone
        default: self = .status(status)
        }
    }
}
