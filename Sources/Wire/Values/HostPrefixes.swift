/// The networks and addresses that a host has on interfaces that are no tunnel of ours, whatever state those are in.
///
/// Those within special networks (loopback, the link-local ones of every link) are left out: they are refused by themselves.
public struct HostPrefixes: Sendable, Equatable {
    public static let none = HostPrefixes([])

    private let prefixes: [Prefix]
    private let addresses: Set<IPAddress>

    /// - Parameter addresses: the host's own addresses within them.
    public init(_ prefixes: some Sequence<Prefix>, addresses: some Sequence<IPAddress> = []) {
        self.addresses = Set(addresses)
        var seen: Set<Prefix> = []
        self.prefixes = prefixes.filter {
            SpecialNetworks.objection(toPartOf: $0, shown: "") == nil && seen.insert($0).inserted
        }
    }

    public func first(overlapping network: Prefix) -> Prefix? { prefixes.first { $0.overlaps(network) } }

    /// Whether it is the host's own address, rather than one that only lies in a network of the host.
    public func isOwn(_ address: IPAddress) -> Bool { addresses.contains(address) }
}
