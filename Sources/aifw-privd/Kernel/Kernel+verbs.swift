internal import KernelMessages
internal import Wire

extension Kernel {
    mutating func applyPeers(
        _ request: ApplyPeers, presharedKeys: [PublicKey: SecretKey]
    ) throws(Refusal) -> ApplyPeers.Answer {
        let standing = try standing(request.interface, of: request.tunnel)
        if case .foreign(let link) = standing { throw notOurs(link) }
        guard case .running(let link) = standing else { throw notFound(request.interface) }
        try wireguard.apply(PeersChange(request, presharedKeys: presharedKeys), to: link)
        try routes.remove(request.removeRoutes, over: link)
        try routes.add(request.addRoutes, over: link, field: "add_routes")
        return ApplyPeers.Answer()
    }

    mutating func removeTunnel(_ request: RemoveTunnel) throws(Refusal) -> RemoveTunnel.Answer {
        switch try standing(request.interface, of: request.tunnel) {
        case .missing, .foreign: break
        case .running(let link), .remnant(let link): try wireguard.remove(link)
        }
        return RemoveTunnel.Answer()
    }

    mutating func readTunnel(
        _ request: ReadTunnel, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint,
        page: (ReadTunnel.Answer) throws(Refusal) -> Void
    ) throws(Refusal) {
        guard case .running(let link) = try standing(request.interface, of: request.tunnel) else {
            return try page(ReadTunnel.Answer(link: nil, peers: [], more: false))
        }
        let addresses = try addresses.list(link).prefix(TunnelPages.addressLimit).map(\.address)
        let routes = try routes.ours(over: link)
        var pages = TunnelPages()
        try wireguard.read(
            link, fingerprint: fingerprint,
            device: { (device) throws(Refusal) in
                pages.begin(link, device, addresses: addresses)
                for route in routes {
                    if let full = pages.add(route) { try page(full) }
                }
            },
            peer: { (peer) throws(Refusal) in
                if let full = pages.add(peer) { try page(full) }
            })
        try page(pages.last())
    }

    mutating func inventory(_ request: Inventory, _ policy: NetworkPolicy) throws(Refusal) -> Inventory.Answer {
        var found: [Link] = []
        var host: [LinkAddress] = []
        var sources: [IPAddress] = []
        switch request.scope {
        case .interface(let interface): found = [try links.find(interface.description)].compactMap(\.self)
        case .networks(let networks): host = try hostAddresses(overlapping: networks)
        case .all:
            found = try links.all()
            host = try hostAddresses()
            for family in IPAddress.Family.allCases {
                if let source = DefaultSource.choose(from: try routes.defaults(family), host) { sources.append(source) }
            }
        }
        var tunnels: [Inventory.Owned] = []
        var foreign: [TunnelInterface] = []
        for link in found {
            guard let interface = try? TunnelInterface(link.name) else { continue }
            if let tunnel = link.tunnel {
                tunnels.append(Inventory.Owned(tunnel: tunnel, interface: interface, isUp: link.isUp))
            } else if !wireguard.isLeftover(link) {
                foreign.append(interface)
            }
        }
        return Inventory.Answer(
            tunnels: tunnels, foreign: foreign,
            addresses: Array(host.lazy.map(\.own).prefix(Inventory.addressLimit)),
            farEnds: Array(host.lazy.compactMap(\.farEnd).prefix(Inventory.addressLimit)), defaultSources: sources,
            policy: policy)
    }
}
