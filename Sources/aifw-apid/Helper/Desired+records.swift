import Wire

extension StoreTransaction {
    /// The tunnel with all its active peers, as the kernel should have it now.
    ///
    /// A prefix has one owner in the kernel. Where peers share one (`allow_overlap`) it is the one made last.
    func desired(_ tunnel: TunnelRecord, under rules: NetworkRules) throws -> DesiredTunnel {
        var peers: [DesiredPeer] = []
        peers.reserveCapacity(tunnel.peerCount)
        var owners: [Prefix: Int] = [:]
        owners.reserveCapacity(tunnel.peerCount)
        let tunnelRoutes = tunnel.tunnelRoutes(under: rules)
        var routes: Set<Prefix> = []
        var tolerated: Set<Prefix> = []
        try forEachPeer(of: tunnel.id) { peer in
            guard peer.isActive(at: now) else { return }
            for prefix in peer.allowedIPs.elements {
                if let owner = owners.updateValue(peers.count, forKey: prefix) {
                    peers[owner] = peers[owner].without(prefix)
                }
                if tunnelRoutes.isNeeded(for: prefix) {
                    routes.insert(prefix)
                } else if tunnelRoutes.mayStay(prefix) {
                    tolerated.insert(prefix)
                }
            }
            peers.append(DesiredPeer(peer))
        }
        return DesiredTunnel(
            id: tunnel.id, interface: tunnel.interface, privateKey: tunnel.privateKey, publicKey: tunnel.publicKey,
            listenPort: tunnel.listenPort, mark: tunnel.mark, mtu: tunnel.mtu, addresses: tunnel.address.elements,
            routes: routes, toleratedRoutes: tolerated, peers: peers)
    }

    /// The requests for a running tunnel that has become another: what differs of its interface, and routes; no peer is named.
    func requests(
        from former: TunnelRecord, to tunnel: TunnelRecord, under rules: NetworkRules
    ) throws -> [Request] {
        let interface = planInterface(
            DesiredTunnel(
                id: tunnel.id, interface: tunnel.interface, privateKey: tunnel.privateKey, publicKey: tunnel.publicKey,
                listenPort: tunnel.listenPort, mark: tunnel.mark, mtu: tunnel.mtu, addresses: tunnel.address.elements,
                routes: [], toleratedRoutes: [], peers: []),
            TunnelState(
                index: 0, isUp: true, mtu: UInt64(former.mtu.rawValue), addresses: former.address.elements,
                publicKey: former.publicKey, listenPort: former.listenPort, mark: former.mark))
        let (old, new) = (former.tunnelRoutes(under: rules), tunnel.tunnelRoutes(under: rules))
        guard old != new else { return [interface].compactMap { $0 } }
        var gone: Set<Prefix> = []
        var made: Set<Prefix> = []
        try forEachPeer(of: tunnel.id) { peer in
            guard peer.isActive(at: now) else { return }
            for prefix in peer.allowedIPs.elements {
                switch (old.mayStay(prefix), new.mayStay(prefix)) {
                case (true, false): gone.insert(prefix)
                case (false, true): if new.isNeeded(for: prefix) { made.insert(prefix) }
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
    func requests(
        in tunnel: TunnelRecord, before: PeerRecord?, after: PeerRecord?, under rules: NetworkRules
    ) throws -> [Request] {
        guard tunnel.isEnabled, let peer = after ?? before else { return [] }
        let wasThere = before?.isActive(at: now) == true
        // One that has expired leaves the kernel a moment later: until then it may be there or not.
        let maybeThere = before?.isEnabled == true && !wasThere
        let old = try before.flatMap { wasThere ? try effective($0) : nil }
        let new = try after.flatMap { $0.isActive(at: now) ? try effective($0) : nil }
        let owned = try old ?? before.flatMap { maybeThere ? try effective($0) : nil }
        let heirs = try heirs(
            of: (owned?.allowedIPs ?? []).filter { new?.allowedIPs.contains($0) != true }, besides: peer)
        let routes = tunnel.tunnelRoutes(under: rules)
        let prefixes = new == nil ? [] : after?.allowedIPs.elements ?? []
        let newRoutes = routes.routes(for: prefixes)
        // What the host's own networks keep from being made may have been made before they were there.
        let oldRoutes = routes.candidates(for: wasThere || maybeThere ? before?.allowedIPs.elements ?? [] : [])
        let gone = oldRoutes.filter { !prefixes.contains($0) }
        let kept = Set(try prefixesInUse(gone, of: tunnel.id, besides: peer.id))
        return plan(
            tunnel: tunnel.id, interface: tunnel.interface, before: [old].compactMap(\.self) + heirs.map(\.before),
            after: [new].compactMap(\.self) + heirs.map(\.after),
            stray: maybeThere ? [before?.publicKey].compactMap(\.self) : [],
            removeRoutes: gone.filter { !kept.contains($0) },
            addRoutes: newRoutes.filter { maybeThere || !oldRoutes.contains($0) })
    }

    /// The requests for new peers of a tunnel, all in one; none if the kernel is not concerned.
    ///
    /// Asked within the change, after the rows are as they are to be. What a new peer takes from another by `allow_overlap` is
    /// taken by the kernel itself.
    func requests(
        in tunnel: TunnelRecord, making peers: [PeerRecord], under rules: NetworkRules
    ) throws -> [Request] {
        guard tunnel.isEnabled else { return [] }
        let active = peers.filter { $0.isActive(at: now) }
        // Only who may overlap shares a prefix, and then with any of them.
        let areShared = active.contains(where: \.allowOverlap)
        let routes = tunnel.tunnelRoutes(under: rules).routes(for: active.lazy.flatMap(\.allowedIPs.elements))
        return plan(
            tunnel: tunnel.id, interface: tunnel.interface, before: [],
            after: try active.map { areShared ? try effective($0) : DesiredPeer($0) }, removeRoutes: [],
            addRoutes: routes)
    }

    /// The peer as the kernel should have it: without the prefixes that a peer made later shares with it and owns.
    private func effective(_ peer: PeerRecord) throws -> DesiredPeer {
        var desired = DesiredPeer(peer)
        for prefix in peer.allowedIPs.elements {
            guard let owner = try latestPeer(with: prefix, of: peer.tunnel, besides: peer.id) else { continue }
            if owner.isMade(after: peer) { desired = desired.without(prefix) }
        }
        return desired
    }

    /// The peers that own prefixes from now on which another lets go of, before and after.
    private func heirs(
        of prefixes: [Prefix], besides peer: PeerRecord
    ) throws -> [(before: DesiredPeer, after: DesiredPeer)] {
        var heirs: [ObjectID: (before: DesiredPeer, after: DesiredPeer)] = [:]
        for prefix in prefixes {
            guard let heir = try latestPeer(with: prefix, of: peer.tunnel, besides: peer.id) else { continue }
            let after = try heirs[heir.id]?.after ?? effective(heir)
            heirs[heir.id] = ((heirs[heir.id]?.before ?? after).without(prefix), after)
        }
        return Array(heirs.values)
    }
}

extension PeerRecord {
    /// The order of ``StoreTransaction/forEachPeer(of:_:)``.
    fileprivate func isMade(after other: PeerRecord) -> Bool {
        (stamp.createdAt.milliseconds, id.bits) > (other.stamp.createdAt.milliseconds, other.id.bits)
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

    /// The same without an allowed IP.
    func without(_ prefix: Prefix) -> DesiredPeer {
        DesiredPeer(
            publicKey: publicKey, presharedKey: presharedKey, endpoint: endpoint,
            allowedIPs: allowedIPs.filter { $0 != prefix }, keepalive: keepalive)
    }
}
