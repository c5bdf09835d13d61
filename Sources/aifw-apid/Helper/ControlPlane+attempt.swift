import Logging
import Wire

/// One repair: what is said of it, and what is kept of its failure.
extension ControlPlane {
    /// Has requests done that are needed only because something differs, and says so.
    func apply(_ requests: [Request], to subject: RepairSubject) throws(HelperError) {
        guard !requests.isEmpty else { return }
        var metadata = subject.metadata
        metadata["requests"] = .stringConvertible(requests.count)
        logger.notice("repairing \(subject.words)", metadata: metadata)
        meters.reconciliation.repairing(subject)
        try writer.apply(requests)
    }

    /// Runs a repair; a refusal is remembered and shown as the status of what it is about, a lost helper is thrown.
    func attempt(_ subject: RepairSubject, _ repair: () throws(HelperError) -> Void) throws(HelperError) {
        do {
            try repair()
            keep(nil, as: subject)
        } catch {
            try note(error, as: subject)
        }
    }

    /// Remembers a refusal; a lost helper is thrown.
    func note(_ error: HelperError, as subject: RepairSubject) throws(HelperError) {
        guard case .refused(let refusal) = error else { throw error }
        keep(refusal.statusDetail, as: subject)
        warn(of: refusal, as: subject)
    }

    func warn(of refusal: Refusal, as subject: RepairSubject) {
        meters.reconciliation.refused(subject)
        var metadata = subject.metadata
        metadata["reason"] = .string("\(refusal)")
        logger.warning("\(subject.words) could not be put right", metadata: metadata)
    }

    private func keep(_ fault: String?, as subject: RepairSubject) {
        switch subject {
        case .tunnel(let id, _), .association(let id): faults[id] = fault
        case .strays: break
        case .rules: faults.filterFault = fault.map { "the packet filter's rules could not be put right: \($0)" }
        }
    }
}

extension Refusal {
    /// With the field where the words alone don't tell what they are about.
    var statusDetail: String {
        switch code {
        case .policy, .limit, .notOurs: field.map { "\($0) \(message)" } ?? message
        case .unsealable: "a sealed key \(message)"
        default: message
        }
    }
}
