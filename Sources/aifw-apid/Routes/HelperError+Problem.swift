import Wire

extension HelperError: ProblemConvertible {
    var problem: Problem {
        switch self {
        case .unavailable:
            Problem(
                .helperUnavailable,
                "The privileged helper aifw-privd can't be reached; nothing was changed. Is it running?"
            ).retry(afterSeconds: 1)
        case .refused(let refusal): refusal.problem
        }
    }
}

extension Refusal {
    /// What the helper's refusal means to a client of the API.
    fileprivate var problem: Problem {
        switch code {
        case .kernel:
            Problem(.kernelRefused, "The kernel refused: \(words). Nothing was changed.")
        case .launcher:
            Problem(.kernelRefused, "The interface could not be started: \(words). Nothing was changed.")
        case .notOurs:
            Problem(.interfaceInUse, field: "interface", "The interface is not AiFw's to change: \(words)")
        case .notFound:
            Problem(
                .kernelRefused,
                "The interface is not as it was a moment ago (\(words)); it is being put right. Try again.")
        case .policy, .limit:
            Problem.invalid([.init(field: field ?? "", detail: "is refused by the helper's policy: \(message)")])
        case .rate:
            Problem(.tooManyRequests, "The budget for handing out keys is used up for now.").retry(afterSeconds: 1)
        case .unsealable:
            Problem(
                .internalError,
                "The helper can't open a sealed key: was its master key replaced, or the database edited? Its journal says more."
            )
        case .malformed, .unknownVerb, .outOfOrder:
            Problem(.internalError, "The helper did not understand the request: do both daemons have one version?")
        }
    }

    private var words: String { field.map { "\($0): \(message)" } ?? message }
}
