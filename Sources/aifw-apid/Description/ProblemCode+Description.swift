import HTTPTypes
import Wire

extension ProblemCode {
    /// What an operation can end in that asks the helper for something.
    static let ofHelper: [ProblemCode] = [.helperUnavailable, .kernelRefused]
    /// What an operation can end in that has the helper open sealed keys.
    static let ofReveal: [ProblemCode] = ofHelper + [.tooManyRequests]

    /// The header fields that an answer with this problem always has.
    var headers: [AnswerHeader] {
        switch self {
        case .unauthenticated, .loginFailed, .oneTimePasswordNeeded: [.challenge]
        case .tooManyRequests, .helperUnavailable, .notReady, .busy, .idempotencyInProgress,
            .tooManyStreams:
            [.retryAfter]
        default: []
        }
    }

    /// What such a problem looks like.
    var example: JSON {
        let (detail, field) = words
        var errors: [Problem.Fault] = []
        if let field { errors = [.init(field: field, detail: detail)] }
        return Problem(self, (field.map { "\($0) " } ?? "") + detail, errors: errors).json
    }

    private var words: (detail: String, field: String?) {
        switch self {
        case .notJSON: ("The body is not JSON as RFC 8259 has it: a value is missing at line 1, column 10.", nil)
        case .unauthenticated: ("The request has no token; send it as \"Authorization: Bearer aifw_…\".", nil)
        case .loginFailed: ("The name, the password or the one-time password is wrong.", nil)
        case .oneTimePasswordNeeded:
            ("The password is right; send the authenticator's code with it, as totp.", nil)
        case .csrf: ("With a session, a request that may change something needs the header X-CSRF-Token.", nil)
        case .setupCodeRefused:
            ("The set-up code is wrong, older than 15 minutes, or was tried too often.", nil)
        case .setupDone: ("There is a user already: have an administrator add others.", nil)
        case .idempotencyKeyReused:
            ("This Idempotency-Key was used for another path or body; every request needs its own.", nil)
        case .idempotencyInProgress:
            ("The first request with this Idempotency-Key is still being carried out; ask again.", nil)
        case .idempotencySecretNotRepeated:
            ("This was done. Its answer held a secret, which is shown once and kept by nobody.", nil)
        case .idempotencyAnswerLost:
            ("This was done, but its answer is not kept: read the object instead of asking again.", nil)
        case .forbidden: ("This needs the scope vpn:write, which the caller lacks.", nil)
        case .notFound: ("There is no tunnel with this id.", nil)
        case .methodNotAllowed: ("PATCH is not possible here; GET, HEAD, POST is.", nil)
        case .notAcceptable:
            ("The Accept header excludes all there is: text/plain, application/json, image/svg+xml.", nil)
        case .conflict: ("the peer has expired at 2026-01-31T18:00:00Z; set expires_at with it", "enabled")
        case .nameInUse: ("is in use by tunnel \"office-vpn\" (\(Samples.tunnelID))", "name")
        case .interfaceInUse: ("is in use by tunnel \"office-vpn\" (\(Samples.tunnelID))", "interface")
        case .portInUse: ("is in use by tunnel \"office-vpn\" (\(Samples.tunnelID))", "listen_port")
        case .addressInUse: ("10.0.0.2/32 is in use by peer \"laptop\" (\(Samples.peerID))", "allowed_ips")
        case .keyInUse: ("is in use by peer \"laptop\" (\(Samples.peerID))", "public_key")
        case .spiInUse: ("is in use by association \"office-to-dc\" (\(Samples.associationID))", "spi_in")
        case .overlap: ("10.0.0.0/24 overlaps that of tunnel \"office-vpn\" (\(Samples.tunnelID))", "address")
        case .poolExhausted: ("no address is left in 10.0.0.1/30; delete a peer or widen the network", "allowed_ips")
        case .noEndpoint:
            (
                "nothing says how clients reach this host: set the tunnel's endpoint, or the setting public-endpoint",
                "endpoint"
            )
        case .keyNotKept: ("The private key of this peer is not here: only its public key was given.", nil)
        case .configurationTooLarge: ("The configuration has 4021 bytes, and a QR code holds 2331 at most.", nil)
        case .recoveryNeeded:
            ("The private keys of these tunnels do not open on this machine: \"office-vpn\" (wg0).", nil)
        case .secretUnreadable:
            ("A backup would not be whole, for secrets do not open: those of peer \"laptop\".", nil)
        case .passphraseNeeded:
            (
                "is needed: a header field with the passphrase that the backup is locked with", "Backup-Passphrase"
            )
        case .passphraseUnfit: ("must be 12 to 1024 printable characters of ASCII", "Backup-Passphrase")
        case .wrongPassphrase: ("The passphrase does not open the backup.", nil)
        case .notABackup: ("The file is no backup of AiFw VPN; nothing was changed.", nil)
        case .backupVersion: ("The backup has format 2, and this version reads 1.", nil)
        case .backupDamaged: ("The backup is not whole: its end is missing. Nothing was changed.", nil)
        case .preconditionFailed:
            ("If-Match does not list \"r42\", the version that there is now. Read the object again.", nil)
        case .tooLarge: ("The body may be 1048576 bytes long at most.", nil)
        case .unsupportedMediaType: ("The body must be sent as application/json.", nil)
        case .invalid: ("must be a whole number from 1 to 65535", "listen_port")
        case .tooManyRequests: ("The helper hands out no more keys for now: its budget is spent.", nil)
        case .internalError:
            ("The request could not be carried out. The log has the reason under 5f0e8a1c2b3d4e6f.", nil)
        case .kernelRefused: ("The kernel refused: no ESP in this kernel. Nothing was changed.", nil)
        case .helperUnavailable: ("The privileged helper aifw-privd can't be reached; nothing was changed.", nil)
        case .tooSlow: ("The body comes too slowly: 4096 bytes a second at least are expected.", nil)
        case .busy: ("There are too many bodies in work at once; send this one again.", nil)
        case .tooManyStreams: ("This caller has 16 already; end one, or come back later.", nil)
        case .notReady: ("The helper does not answer.", nil)
        }
    }
}
