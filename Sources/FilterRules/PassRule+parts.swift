public import Wire

extension PassRule {
    /// What the packet filter names the rule's parts (``ReadRules``): with nftables elements of sets, with pf labels.
    public func parts(with filter: FilterBackend) -> [String] {
        switch filter {
        case .nftables, .pf, .none: []
        }
    }
}

/// The text of the anchor as pf takes it.
public enum PFText {
    public static func anchor(_ rules: [PassRule]) -> String { "" }
}

/// The text of the anchor as nft takes it.
public enum NftablesText {
    public static func script(_ rules: [PassRule]) -> String { "" }
}
