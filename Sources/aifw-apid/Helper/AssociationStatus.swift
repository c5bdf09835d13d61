import Wire

/// What `status`, `status_detail` and `installed` say of an association: what the kernel says now, beside what the operator
/// wants.
enum AssociationStatus: Sendable, Equatable {
    case up
    case down
    /// Wanted and actual differ, and why.
    case error(String, isInstalled: Bool)
    /// A write is done, and the kernel could not be asked since.
    case unknown(String)

    /// - Parameters:
    ///   - isEnabled: whether the operator wants it up.
    ///   - state: what was read of it.
    ///   - fault: what the last attempt to put it right, or the rules that it needs, failed at; nil if none did.
    init(isEnabled: Bool, state: AssociationState, fault: String?) {
        switch (isEnabled, state.isInstalled, state.isAbsent) {
        case (true, true, _) where fault == nil: self = .up
        case (false, _, true): self = .down
        case (true, let isInstalled, let isAbsent):
            let part = isAbsent ? "it is not in the kernel" : "a part of it is missing in the kernel, or is another"
            self = .error(fault ?? "\(part); it is being put right", isInstalled: isInstalled)
        case (false, let isInstalled, _):
            self = .error(fault ?? "it is still in the kernel; it is being removed", isInstalled: isInstalled)
        }
    }

    var word: String {
        switch self {
        case .up: "up"
        case .down: "down"
        case .error, .unknown: "error"
        }
    }

    var detail: String? {
        switch self {
        case .up, .down: nil
        case .error(let detail, _), .unknown(let detail): detail
        }
    }

    /// Whether all of it is in the kernel; nil if nobody knows.
    var isInstalled: Bool? {
        switch self {
        case .up: true
        case .down: false
        case .error(_, let isInstalled): isInstalled
        case .unknown: nil
        }
    }
}
