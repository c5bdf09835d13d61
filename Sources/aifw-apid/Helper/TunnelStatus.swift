import Wire

/// What `status` and `status_detail` say of a tunnel: what the kernel says now, beside what the operator wants.
enum TunnelStatus: Sendable, Equatable {
    case up
    case down
    /// Wanted and actual differ, and why.
    case error(String)

    /// - Parameters:
    ///   - isEnabled: whether the operator wants it up.
    ///   - owned: the tunnel's interface in the helper's inventory; nil if it is not there.
    ///   - fault: what the last attempt to put it right failed at; nil if it did not.
    init(isEnabled: Bool, interface: TunnelInterface, owned: Inventory.Owned?, fault: String?) {
        switch (isEnabled, owned) {
        case (true, let owned?) where owned.isUp && owned.interface == interface && fault == nil: self = .up
        case (false, nil): self = .down
        case (true, let owned):
            self = .error(
                fault ?? "interface \(interface) is \(owned == nil ? "missing" : "down"); it is being put right")
        case (false, _?): self = .error(fault ?? "interface \(interface) is still there; it is being removed")
        }
    }

    var word: String {
        switch self {
        case .up: "up"
        case .down: "down"
        case .error: "error"
        }
    }

    var detail: String? {
        if case .error(let detail) = self { detail } else { nil }
    }
}
