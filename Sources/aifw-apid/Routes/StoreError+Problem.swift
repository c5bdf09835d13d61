extension StoreError: ProblemConvertible {
    var problem: Problem {
        switch self {
        case .clash(let clashes):
            Problem(
                clashes.first?.subject.problemCode ?? .conflict,
                clashes.map { "\($0.field) \($0)" }.joined(separator: "; "),
                errors: clashes.map { Problem.Fault(field: $0.field, detail: $0.description) })
        case .missing(let kind): Problem(.notFound, "There is no \(kind.rawValue) with this id.")
        case .notWritten:
            Problem(.internalError, "The change could not be written to the disk; nothing of it was done.")
        case .corrupt, .unusable, .newer: Problem(.internalError, "The database can't be used; the log says why.")
        }
    }
}

extension Clash.Subject {
    var problemCode: ProblemCode {
        switch self {
        case .name, .username: .nameInUse
        case .interface: .interfaceInUse
        case .listenPort: .portInUse
        case .publicKey: .keyInUse
        case .address: .overlap
        case .allowedIPs(let own, let other): own == other ? .addressInUse : .overlap
        case .spiIn, .spiOut: .spiInUse
        case .networks: .overlap
        case .ends: .addressInUse
        }
    }
}
