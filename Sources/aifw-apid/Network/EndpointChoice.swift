import Wire

/// Everything from which a client configuration's endpoint is chosen but for the tunnel's own, in the order in which it
/// counts.
struct EndpointChoice: Sendable {
    /// The setting `public-endpoint`.
    let setting: PublicEndpoint?
    /// The local address of the connection that the request came on; nil over the Unix socket.
    let requestAddress: IPAddress?
    /// The host's addresses, from the helper's inventory.
    let hostAddresses: [IPAddress]
    /// Where the host's default routes send from, from the helper's inventory.
    let defaultSources: [IPAddress]
    /// The addresses inside our tunnels: a client can't reach its tunnel through itself.
    let innerAddresses: [IPAddress]

    /// The endpoint, or nil if nothing says how clients reach this host.
    ///
    /// - Parameter tunnel: the tunnel's own `endpoint`, which counts before everything else.
    func endpoint(of tunnel: PublicEndpoint?) -> PublicEndpoint? {
        let candidates = [tunnel, setting, ownAddress.map { PublicEndpoint(.address($0)) }] + defaultSourceEndpoints
        return candidates.lazy.compactMap { $0 }.first { candidate in
            guard case .address(let address) = candidate.host else { return true }
            return !innerAddresses.contains(address)
        }
    }

    /// The request's local address, where the host really has it: behind address translation it is not what clients see
    /// either, but it is what this request came to.
    private var ownAddress: IPAddress? {
        guard let requestAddress, Self.isReachable(requestAddress), hostAddresses.contains(requestAddress) else {
            return nil
        }
        return requestAddress
    }

    private var defaultSourceEndpoints: [PublicEndpoint?] {
        defaultSources.filter(Self.isReachable).map { PublicEndpoint(.address($0)) }
    }

    private static func isReachable(_ address: IPAddress) -> Bool {
        address.isUnicast && !address.isLoopback && !address.isLinkLocal
    }
}
