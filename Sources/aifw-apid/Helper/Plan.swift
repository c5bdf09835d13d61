import Wire

/// The requests that make a tunnel in the kernel be as desired, and touch nothing that is so already.
///
/// A pure function, used by every start, every repair and every restart. Nothing is asked where nothing differs.
/// - Parameter actual: how it is, by the helper's reading; nil if its interface is not there.
func plan(desired: DesiredTunnel, actual: ActualTunnel?) -> [Request] {
    [planInterface(desired, actual?.state)].compactMap { $0 } + planPeers(desired, actual)
}

/// The requests that take an interface of ours away which no tunnel wants.
func plan(removing owned: Inventory.Owned) -> [Request] {
    [.removeTunnel(RemoveTunnel(tunnel: owned.tunnel, interface: owned.interface))]
}

/// The requests for a change of some peers of a running tunnel, without a look at the others: what a write sends.
///
/// Where routes are added they come first, with what goes for them, and the peers follow. A route is what the kernel may
/// refuse, for somebody else has it: then no peer was touched, and what can't be undone, the session of one that was removed
/// and where one was reached last, is as it was.
///
/// - Parameters:
///   - before: the peers that the change touches, as they were; of one that is made there is none.
///   - after: the same peers as they are now; of one that is removed, disabled or expired there is none.
///   - stray: keys that may or may not be there still, such as that of a peer that has just expired.
///   - removeRoutes: routes that no peer needs any more.
///   - addRoutes: routes that one needs now.
func plan(
    tunnel: ObjectID, interface: TunnelInterface, before: [DesiredPeer], after: [DesiredPeer], stray: [PublicKey] = [],
    removeRoutes: [Prefix], addRoutes: [Prefix]
) -> [Request] {
    let old = Dictionary(before.map { ($0.publicKey, $0) }, uniquingKeysWith: { first, _ in first })
    let kept = Set(after.map(\.publicKey))
    let changes = after.compactMap { peer -> PeerChange? in
        guard let was = old[peer.publicKey] else { return PeerChange(making: peer) }
        return PeerChange(
            peer,
            presharedKey: was.presharedKey?.fingerprint, allowedIPs: was.allowedIPs, keepalive: was.keepalive,
            endpoint: peer.endpoint == was.endpoint ? nil : peer.endpoint)
    }
    let routes =
        addRoutes.isEmpty
        ? []
        : requests(
            tunnel: tunnel, interface: interface, remove: [], set: [], removeRoutes: removeRoutes, addRoutes: addRoutes)
    return routes
        + requests(
            tunnel: tunnel, interface: interface,
            remove: (before.map(\.publicKey) + stray).filter { !kept.contains($0) }, set: changes,
            removeRoutes: routes.isEmpty ? removeRoutes : [], addRoutes: [])
}

// MARK: Parts

/// What differs of the interface; nil if nothing does.
func planInterface(_ desired: DesiredTunnel, _ actual: TunnelState?) -> Request? {
    guard let actual else {
        return .applyTunnel(
            ApplyTunnel(
                tunnel: desired.id, interface: desired.interface, privateKey: desired.privateKey,
                listenPort: desired.listenPort, mark: desired.mark, mtu: desired.mtu, addresses: desired.addresses))
    }
    let key = actual.publicKey == desired.publicKey ? nil : desired.privateKey
    let port = actual.listenPort == desired.listenPort ? nil : desired.listenPort
    let mark = actual.mark == desired.mark ? nil : desired.mark
    let mtu = actual.mtu == UInt64(desired.mtu.rawValue) ? nil : desired.mtu
    let addresses = Set(actual.addresses) == Set(desired.addresses) ? nil : desired.addresses
    guard key != nil || port != nil || mark != nil || mtu != nil || addresses != nil || !actual.isUp else { return nil }
    return .applyTunnel(
        ApplyTunnel(
            tunnel: desired.id, interface: desired.interface, privateKey: key, listenPort: port, mark: mark, mtu: mtu,
            addresses: addresses))
}

private func planPeers(_ desired: DesiredTunnel, _ actual: ActualTunnel?) -> [Request] {
    var present = Dictionary(
        (actual?.peers ?? []).map { ($0.publicKey, $0) }, uniquingKeysWith: { first, _ in first })
    let changes = desired.peers.compactMap { peer -> PeerChange? in
        guard let found = present.removeValue(forKey: peer.publicKey) else { return PeerChange(making: peer) }
        // A peer that has spoken may have moved since; one that never has is still where it was last told to be.
        let moved = found.endpoint == nil || (found.latestHandshake == 0 && found.endpoint != peer.endpoint)
        return PeerChange(
            peer, presharedKey: found.presharedKey, allowedIPs: found.allowedIPs, keepalive: found.keepalive,
            endpoint: moved ? peer.endpoint : nil)
    }
    let routes = Set(actual?.routes ?? [])
    return requests(
        tunnel: desired.id, interface: desired.interface, remove: Array(present.keys), set: changes,
        removeRoutes: Array(routes.subtracting(desired.routes).subtracting(desired.toleratedRoutes)),
        addRoutes: Array(desired.routes.subtracting(routes)))
}

/// Cuts the work into requests that respect the limits of ``ApplyPeers``: removals first, so that what a removed peer had
/// is free for the next; routes go last.
private func requests(
    tunnel: ObjectID, interface: TunnelInterface, remove: [PublicKey], set: [PeerChange], removeRoutes: [Prefix],
    addRoutes: [Prefix]
) -> [Request] {
    var parts: [ApplyPeers] = []
    var removing: [PublicKey] = []
    var setting: [PeerChange] = []
    var prefixes = 0
    func cut(removeRoutes: [Prefix] = [], addRoutes: [Prefix] = []) {
        guard !(removing.isEmpty && setting.isEmpty && removeRoutes.isEmpty && addRoutes.isEmpty) else { return }
        parts.append(
            ApplyPeers(
                tunnel: tunnel, interface: interface, remove: removing, set: setting, removeRoutes: removeRoutes,
                addRoutes: addRoutes))
        removing = []
        setting = []
        prefixes = 0
    }
    for key in remove {
        if removing.count == ApplyPeers.peerLimit { cut() }
        removing.append(key)
    }
    for change in set {
        let count = change.allowedIPs?.count ?? 0
        if removing.count + setting.count == ApplyPeers.peerLimit || prefixes + count > ApplyPeers.prefixLimit { cut() }
        setting.append(change)
        prefixes += count
    }
    var gone = removeRoutes[...]
    var made = addRoutes[...]
    repeat {
        cut(
            removeRoutes: Array(gone.prefix(ApplyPeers.routeLimit)),
            addRoutes: Array(made.prefix(ApplyPeers.routeLimit)))
        gone = gone.dropFirst(ApplyPeers.routeLimit)
        made = made.dropFirst(ApplyPeers.routeLimit)
    } while !gone.isEmpty || !made.isEmpty
    return parts.map(Request.applyPeers)
}

extension PeerChange {
    /// All of a peer that is not there yet. A key that is not said has no pre-shared key, which is what none desired means.
    fileprivate init(making peer: DesiredPeer) {
        self.init(
            publicKey: peer.publicKey, presharedKey: peer.presharedKey.map { .some($0.reference) },
            endpoint: peer.endpoint, allowedIPs: peer.allowedIPs, keepalive: peer.keepalive)
    }

    /// What differs of a peer that is there; nil if nothing does.
    fileprivate init?(
        _ peer: DesiredPeer, presharedKey: SecretFingerprint?, allowedIPs: [Prefix], keepalive: Keepalive,
        endpoint: Endpoint?
    ) {
        let newKey: SealedReference?? =
            presharedKey == peer.presharedKey?.fingerprint ? .none : .some(peer.presharedKey?.reference)
        let newIPs = Set(allowedIPs) == Set(peer.allowedIPs) ? nil : peer.allowedIPs
        let newKeepalive = keepalive == peer.keepalive ? nil : peer.keepalive
        guard newKey != nil || newIPs != nil || newKeepalive != nil || endpoint != nil else { return nil }
        self.init(
            publicKey: peer.publicKey, presharedKey: newKey, endpoint: endpoint, allowedIPs: newIPs,
            keepalive: newKeepalive)
    }
}
