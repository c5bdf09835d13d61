import HTTPTypes

/// The kinds of problem that an answer can report: the closed list behind `/problems/<code>`.
///
/// The words are part of the contract; clients tell problems apart by them, never by the detail.
enum ProblemCode: String, Sendable, CaseIterable {
    case notJSON = "not-json"
    case unauthenticated
    case loginFailed = "login-failed"
    case oneTimePasswordNeeded = "totp-needed"
    case forbidden
    case csrf
    case setupCodeRefused = "setup-code-refused"
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"
    case notAcceptable = "not-acceptable"
    case conflict
    case setupDone = "setup-done"
    case nameInUse = "name-in-use"
    case interfaceInUse = "interface-in-use"
    case portInUse = "port-in-use"
    case addressInUse = "address-in-use"
    case keyInUse = "key-in-use"
    case spiInUse = "spi-in-use"
    case overlap
    case poolExhausted = "pool-exhausted"
    case noEndpoint = "no-endpoint"
    case keyNotKept = "key-not-kept"
    case configurationTooLarge = "configuration-too-large"
    case idempotencyKeyReused = "idempotency-key-reused"
    case idempotencyInProgress = "idempotency-in-progress"
    case idempotencySecretNotRepeated = "idempotency-secret-not-repeated"
    case idempotencyAnswerLost = "idempotency-answer-lost"
    case recoveryNeeded = "recovery-needed"
    case secretUnreadable = "secret-unreadable"
    case preconditionFailed = "precondition-failed"
    case tooLarge = "too-large"
    case unsupportedMediaType = "unsupported-media-type"
    case invalid
    case passphraseNeeded = "passphrase-needed"
    case passphraseUnfit = "passphrase-unfit"
    case wrongPassphrase = "wrong-passphrase"
    case notABackup = "not-a-backup"
    case backupVersion = "backup-version"
    case backupDamaged = "backup-damaged"
    case tooManyRequests = "too-many-requests"
    case internalError = "internal"
    case kernelRefused = "kernel-refused"
    case helperUnavailable = "helper-unavailable"
    case notReady = "not-ready"
    case tooSlow = "too-slow"
    case busy
    case tooManyStreams = "too-many-streams"

    /// The value of `type`: a reference relative to the API's root (RFC 9457, section 3.1.1).
    var type: String { "/problems/\(rawValue)" }

    var status: HTTPResponse.Status { answer.status }
    var title: String { answer.title }

    private var answer: (status: HTTPResponse.Status, title: String) {
        switch self {
        case .notJSON: (.badRequest, "The body is not JSON")
        case .unauthenticated: (.unauthorized, "A valid token is needed")
        case .loginFailed: (.unauthorized, "The log-in failed")
        case .oneTimePasswordNeeded: (.unauthorized, "A one-time password is needed")
        case .forbidden: (.forbidden, "The caller lacks the scope")
        case .csrf: (.forbidden, "The request may come from another site")
        case .setupCodeRefused: (.forbidden, "The set-up code is not taken")
        case .notFound: (.notFound, "There is no such thing")
        case .methodNotAllowed: (.methodNotAllowed, "The method is not allowed here")
        case .notAcceptable: (.notAcceptable, "There is no such form of the answer")
        case .conflict: (.conflict, "The request clashes with the present state")
        case .setupDone: (.conflict, "There is an administrator already")
        case .nameInUse: (.conflict, "The name is in use")
        case .interfaceInUse: (.conflict, "The interface is in use")
        case .portInUse: (.conflict, "The port is in use")
        case .addressInUse: (.conflict, "The address is in use")
        case .keyInUse: (.conflict, "The key is in use")
        case .spiInUse: (.conflict, "The SPI is in use")
        case .overlap: (.conflict, "The networks overlap")
        case .poolExhausted: (.conflict, "No address is left")
        case .noEndpoint: (.conflict, "The tunnel's endpoint is not known")
        case .keyNotKept: (.conflict, "The private key is not kept here")
        case .configurationTooLarge: (.conflict, "The configuration is too large for a QR code")
        case .idempotencyKeyReused: (.conflict, "The idempotency key stands for another request")
        case .idempotencyInProgress: (.conflict, "The first request with this idempotency key is not answered yet")
        case .idempotencySecretNotRepeated: (.conflict, "It was done, and its secret was shown once")
        case .idempotencyAnswerLost: (.conflict, "It was done, and its answer can't be given again")
        case .recoveryNeeded: (.conflict, "Tunnels' keys do not open on this machine")
        case .secretUnreadable: (.conflict, "A stored secret does not open")
        case .preconditionFailed: (.preconditionFailed, "The object has changed")
        case .tooLarge: (.contentTooLarge, "The body is too large")
        case .unsupportedMediaType: (.unsupportedMediaType, "The content type is not taken")
        case .invalid: (.unprocessableContent, "A value is wrong")
        case .passphraseNeeded: (.unprocessableContent, "A passphrase is needed")
        case .passphraseUnfit: (.unprocessableContent, "The passphrase can't be one")
        case .wrongPassphrase: (.unprocessableContent, "The passphrase does not open the backup")
        case .notABackup: (.unprocessableContent, "The file is no backup")
        case .backupVersion: (.unprocessableContent, "The backup has another format")
        case .backupDamaged: (.unprocessableContent, "The backup is damaged")
        case .tooManyRequests: (.tooManyRequests, "Too many requests")
        case .internalError: (.internalServerError, "Something went wrong here")
        case .kernelRefused: (.badGateway, "The kernel refused")
        case .helperUnavailable: (.serviceUnavailable, "The privileged helper can't be reached")
        case .notReady: (.serviceUnavailable, "The service is not ready")
        case .tooSlow: (.requestTimeout, "The body came too slowly")
        case .busy: (.serviceUnavailable, "The service has too much to do")
        case .tooManyStreams: (.serviceUnavailable, "Too many event streams are open")
        }
    }
}
