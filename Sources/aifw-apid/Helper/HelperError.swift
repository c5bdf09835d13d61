import Wire

/// Why the helper did not do what was asked.
enum HelperError: Error, CustomStringConvertible {
    /// Nobody answers on its socket, or the connection broke before the answer was there. What was asked may or may not
    /// have been done; the next greeting reconciles.
    case unavailable(String)
    /// It answered, and refused. Nothing of that request was done.
    case refused(Refusal)

    var description: String {
        switch self {
        case .unavailable(let reason): "the helper can't be reached: \(reason)"
        case .refused(let refusal): "the helper refused: \(refusal)"
        }
    }
}
