public import Wire

extension PassRule {
    /// What the packet filter names the rule's parts (``ReadRules``): with nftables elements of sets, with pf labels.
    ///
    /// A part's name says what it lets through: rules that let the same through have the same parts with nftables; with pf
    /// no two rules have, because a label names the owner as well.
    public func parts(with filter: FilterBackend) -> [String] {
        switch filter {
        case .nftables: NftablesElement.elements(of: self).map(\.part)
        case .pf: PFRule.rules(of: self).map(\.label)
        case .none: []
        }
    }
}
