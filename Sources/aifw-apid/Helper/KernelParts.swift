import Wire

/// Parts of the kernel's state that a change has touched, or that differ from the rows.
struct KernelParts: Sendable, Equatable {
    /// By their interfaces.
    var tunnels: Set<ObjectID> = []
    /// Security associations and policies of ours.
    var associations = false
    /// The anchor of the packet filter.
    var rules = false

    var isEmpty: Bool { self == KernelParts() }
}
