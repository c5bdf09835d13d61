import Wire

extension StoreTransaction where Self: ~Copyable {
    /// The tunnel with all its active peers, as the kernel should have it now.
    func desired(_ tunnel: TunnelRecord) throws -> DesiredTunnel {
        var peers: [DesiredPeer] = []
        peers.reserveCapacity(tunnel.peerCount)
        let tunnelRoutes = tunnel.tunnelRoutes
        var routes: Set<Prefix> = []
        try forEachPeer(of: tunnel.id) { peer in
            guard peer.isActive(at: now) else { return }
            peers.append(DesiredPeer(peer))
            for prefix in peer.allowedIPs.elements where tunnelRoutes.isNeeded(for: prefix) { routes.insert(prefix) }
        }
        return DesiredTunnel(
            id: tunnel.id, interface: tunnel.interface, privateKey: tunnel.privateKey, publicKey: tunnel.publicKey,
            listenPort: tunnel.listenPort, mark: tunnel.mark, mtu: tunnel.mtu, addresses: tunnel.address.elements,
            routes: routes, peers: peers)
    }

    /// The requests for a running tunnel that has become another: what differs of its interface, and routes; no peer is named.
    func requests(from former: TunnelRecord, to tunnel: TunnelRecord) throws -> [Request] {
        let interface = planInterface(
            DesiredTunnel(
                id: tunnel.id, interface: tunnel.interface, privateKey: tunnel.privateKey, publicKey: tunnel.publicKey,
                listenPort: tunnel.listenPort, mark: tunnel.mark, mtu: tunnel.mtu, addresses: tunnel.address.elements,
                routes: [], peers: []),
            TunnelState(
                index: 0, isUp: true, mtu: UInt64(former.mtu.rawValue), addresses: former.address.elements, routes: [],
                publicKey: former.publicKey, listenPort: former.listenPort, mark: former.mark))
        guard former.tunnelRoutes != tunnel.tunnelRoutes else { return [interface].compactMap { $0 } }
        var gone: Set<Prefix> = []
        var made: Set<Prefix> = []
        try forEachPeer(of: tunnel.id) { peer in
            guard peer.isActive(at: now) else { return }
            for prefix in peer.allowedIPs.elements {
                switch (former.tunnelRoutes.isNeeded(for: prefix), tunnel.tunnelRoutes.isNeeded(for: prefix)) {
                case (true, false): gone.insert(prefix)
                case (false, true): made.insert(prefix)
                case (true, true), (false, false): break
                }
            }
        }
        let routes = plan(
            tunnel: tunnel.id, interface: tunnel.interface, before: [], after: [], removeRoutes: Array(gone),
            addRoutes: Array(made))
        return [interface].compactMap { $0 } + routes
    }

    /// The requests for a peer that has become another, is new or is gone; none if the kernel is not concerned.
    ///
    /// Asked within the change, after the rows are as they are to be.
    /// - Parameters:
    ///   - before: as it was; nil if it is new.
    ///   - after: as it is; nil if it was deleted.
    func requests(in tunnel: TunnelRecord, before: PeerRecord?, after: PeerRecord?) throws -> [Request] {
        guard tunnel.isEnabled, let id = (after ?? before)?.id else { return [] }
        let old = before.flatMap { $0.isActive(at: now) ? $0 : nil }
        let new = after.flatMap { $0.isActive(at: now) ? $0 : nil }
        let oldRoutes = tunnel.tunnelRoutes.routes(for: old?.allowedIPs.elements ?? [])
        let newRoutes = tunnel.tunnelRoutes.routes(for: new?.allowedIPs.elements ?? [])
        let gone = oldRoutes.filter { !newRoutes.contains($0) }
        let kept = Set(try prefixesInUse(gone, of: tunnel.id, besides: id))
        return plan(
            tunnel: tunnel.id, interface: tunnel.interface, before: [old].compactMap { $0.map(DesiredPeer.init) },
            after: [new].compactMap { $0.map(DesiredPeer.init) }, removeRoutes: gone.filter { !kept.contains($0) },
            addRoutes: newRoutes.filter { !oldRoutes.contains($0) })
    }
}

extension DesiredPeer {
    init(_ peer: PeerRecord) {
        self.init(
            publicKey: peer.publicKey,
            presharedKey: peer.presharedKey.map {
                PresharedKey(
                    reference: SealedReference(object: peer.id, secret: $0.secret), fingerprint: $0.fingerprint)
            },
            endpoint: peer.endpoint?.endpoint, allowedIPs: peer.allowedIPs.elements, keepalive: peer.keepalive)
    }
}
