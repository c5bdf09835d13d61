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
            Problem(.kernelRefused, "The kernel refused: \(message). Nothing was changed.", errors: faults)
        case .launcher:
            Problem(
                .kernelRefused, "The interface could not be started: \(message). Nothing was changed.", errors: faults)
        case .filter:
            Problem(.kernelRefused, "The packet filter refused: \(message). Nothing was changed.", errors: faults)
        case .notOurs: clash
        case .notFound:
            Problem(
                .kernelRefused,
                "The interface is not as it was a moment ago (\(message)); it is being put right. Try again.")
        case .policy, .limit:
            Problem.invalid([.init(field: apiField ?? "", detail: message)])
        case .rate:
            Problem(.tooManyRequests, "The helper hands out no more keys for now: \(message).")
                .retry(afterSeconds: retryAfter.map(Int.init(clamping:)) ?? 1)
        case .unsealable:
            Problem(
                .internalError,
                "The helper can't open a sealed key: was its master key replaced, or the former one retired too early, or "
                    + "the database edited? Its journal says more."
            )
        case .malformed, .unknownVerb, .outOfOrder:
            Problem(.internalError, "The helper did not understand the request: do both daemons have one version?")
        }
    }

    /// What this host has already, and nobody but its owner may change.
    private var clash: Problem {
        switch field {
        case "spi_in"?, "spi_out"?:
            Problem(.spiInUse, field: field ?? "", "is in use on this host: \(message)")
        case "src_networks"?, "dst_networks"?, "src_addr"?, "dst_addr"?:
            Problem(.overlap, field: field ?? "", "the traffic has a policy on this host already: \(message)")
        default: Problem(.interfaceInUse, field: "interface", "The interface is not AiFw's to change: \(message)")
        }
    }

    private var faults: [Problem.Fault] { apiField.map { [.init(field: $0, detail: message)] } ?? [] }

    /// The member of the API's body that the helper's `field` comes from: `set[3].endpoint` is a peer's `endpoint`.
    private var apiField: String? {
        guard let last = field?.split(separator: ".").last(where: { $0 != "secret" })?.prefix(while: { $0 != "[" })
        else {
            return nil
        }
        return switch last {
        case "addresses", "network": "address"
        case "add_routes", "remove_routes": "allowed_ips"
        case "set", "remove", "add", "add_policies", "remove_policies", "secrets", "given", "tunnel": nil
        default: String(last)
        }
    }
}
