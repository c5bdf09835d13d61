package import Wire

/// The mark by which our interfaces are known, whoever runs and whatever was lost: `aifw-vpn:<tunnel id>` as the link's
/// alias (IFLA_IFALIAS).
package enum TunnelAlias {
    private static let mark = "aifw-vpn:"

    package static func text(_ tunnel: ObjectID) -> String { "\(mark)\(tunnel)" }

    /// The tunnel that an alias names; nil if it is none of ours.
    package static func tunnel(_ alias: String?) -> ObjectID? {
        guard let alias, alias.hasPrefix(mark) else { return nil }
        guard let tunnel = try? ObjectID(String(alias.dropFirst(mark.count))) else { return nil }
        // Only the form that we write: an id in upper case was typed by somebody.
        return text(tunnel) == alias ? tunnel : nil
    }
}
