import Wire

/// For each network of a tunnel, an address below which no address is free: where the search for the next one begins.
///
/// With it, the next address costs the same in a tunnel of 10 and of 100,000 peers. A hint that is missing or too low costs
/// time only; one that is too high would skip a free address, so whatever frees addresses lowers it.
struct AddressHints: Sendable {
    private var lowest: [ObjectID: [Prefix: UInt128]] = [:]

    /// 0 if nothing is known.
    subscript(tunnel: ObjectID, network: Prefix) -> UInt128 {
        get { lowest[tunnel]?[network] ?? 0 }
        set { lowest[tunnel, default: [:]][network] = newValue }
    }

    /// The addresses of `prefix` may be free again.
    mutating func release(_ prefix: Prefix, of tunnel: ObjectID) {
        guard var networks = lowest[tunnel] else { return }
        for (network, hint) in networks where network.overlaps(prefix) && prefix.address.bits < hint {
            networks[network] = prefix.address.bits
        }
        lowest[tunnel] = networks
    }

    /// Nothing is known of the tunnel any more: it is gone, or has other addresses.
    mutating func forget(_ tunnel: ObjectID) { lowest[tunnel] = nil }
}
