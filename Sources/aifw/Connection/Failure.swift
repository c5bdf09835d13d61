internal import Glibc
internal import QR

/// Why a command could not do what it was asked to; its text is in `Failure+text.swift`.
enum Failure: Error {
    /// The daemon's socket does not take the connection; `group` is the one whose members may connect, if known.
    case unreachable(socket: String, errno: Int32, group: String?)
    /// The connection ended before the whole answer was there; 0 stands for an orderly end.
    case connectionLost(errno: Int32)
    case timedOut(seconds: Int)
    /// The answer is no HTTP or not what the API says it sends.
    case notUnderstood(String)
    case refused(Problem)
    /// No tunnel, peer, association, token or user answers to what the user gave.
    case noMatch(kind: String, reference: String, hint: String)
    /// Several do: `candidates` are lines that tell them apart.
    case ambiguous(kind: String, reference: String, candidates: [String])
    /// Ctrl-C at a question, before anything was done.
    case givenUp
    case unreadableFile(path: String, errno: Int32)
    case wrongFile(path: String, reason: String)
    case unwritableFile(path: String, errno: Int32)
    /// What was sent to a webhook for a test has not come there.
    case notDelivered(String)
    /// A configuration can't be shown as a QR code.
    case noQRCode(QRCodeError)

    /// The status that the process ends with; the numbers above 2 are those of sysexits.h.
    var exitCode: Int32 {
        switch self {
        case .refused(let problem) where problem.status < 500: 1
        case .refused(let problem) where problem.status == 503: 69
        case .refused: 70
        case .noMatch, .ambiguous, .notDelivered, .noQRCode(.tooLarge): 1
        case .noQRCode(.notMade): 70
        case .wrongFile: 65
        case .unreadableFile: 66
        case .unreachable(_, let reason, _): isPermission(reason) ? 77 : 69
        case .timedOut: 69
        case .unwritableFile: 73
        case .connectionLost, .notUnderstood: 76
        case .givenUp: 130
        }
    }

    /// The same list for `--help`.
    static let exitCodes = """
        EXIT STATUS
          0    done
          1    the API refused (4xx); no object or more than one answers to a name;
               a webhook's test was not delivered; or a QR code can't hold what it should
          64   the command line is wrong
          65   a file given holds something else than it should
          66   a file given can't be read
          69   the API daemon can't be reached, or it can't reach its helper (503)
          70   the API failed (5xx), or the kernel refused what was asked (502)
          73   a file can't be written
          76   the answer was not understood
          77   no permission to connect to the API's socket
          130  given up by Ctrl-C where a password or passphrase was asked for
        """

    /// Whether connect(2) was refused for want of permission: EPERM or EACCES.
    func isPermission(_ reason: Int32) -> Bool { reason == EACCES || reason == EPERM }
}
