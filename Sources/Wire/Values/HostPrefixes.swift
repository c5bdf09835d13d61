/// The networks and addresses that a host has on interfaces that are no tunnel of ours, whatever state those are in.
///
/// Those within special networks (loopback, the link-local ones of every link) are left out: they are refused by themselves.
public struct HostPrefixes: Sendable, Equatable {
    public static let none = HostPrefixes([])

    private let prefixes: [Prefix]

    public init(_ prefixes: some Sequence<Prefix>) {
        var seen: Set<Prefix> = []
        self.prefixes = prefixes.filter {
            SpecialNetworks.objection(toPartOf: $0, shown: "") == nil && seen.insert($0).inserted
        }
    }

    public func first(overlapping network: Prefix) -> Prefix? { prefixes.first { $0.overlaps(network) } }
}
