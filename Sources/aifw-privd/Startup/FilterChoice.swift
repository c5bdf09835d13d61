/// What the operator wants packets to be filtered by (`--filter`).
enum FilterChoice: String, CaseIterable {
    /// The kernel's nf_tables if it has it, else none.
    case auto
    case nftables
    case pf
    case none
}
