/// What the operator wants WireGuard to be done by (`--wireguard`).
enum BackendChoice: String, CaseIterable {
    /// The kernel's module if the host has it, else wireguard-go.
    case auto
    case kernel
    case userspace
}
