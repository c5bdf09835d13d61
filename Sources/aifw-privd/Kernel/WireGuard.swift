internal import KernelMessages
internal import Wire

/// WireGuard on this host's interfaces, by whichever means: what ``Kernel`` needs of it, and no more.
///
/// Each call but ``make(_:tunnel:port:)`` is given a link that was found to be ours.
protocol WireGuard {
    var backend: WireGuardBackend { get }

    /// Whether this back end, and a living one, runs the interface; one that nobody runs is removed and made anew.
    func runs(_ link: Link) throws(Refusal) -> Bool

    /// Whether `link`, which has no alias, was left by a start of ours that was cut off before it could be marked.
    func isLeftover(_ link: Link) -> Bool

    /// Makes an interface that is marked as the tunnel's, and down.
    ///
    /// - Parameter port: refused if it is taken, before anything is made.
    func make(_ interface: TunnelInterface, tunnel: ObjectID, port: Port) throws(Refusal) -> Link

    /// Changes what is not nil, the private key last. What was changed before a part that is refused may stay.
    func set(_ change: DeviceChange, of link: Link) throws(Refusal)

    /// Refuses a port of which it is known that it is taken, where trying to use it would do harm.
    func check(_ port: Port) throws(Refusal)

    /// The settings of the interface, without its peers.
    func device(_ link: Link) throws(Refusal) -> DeviceState

    /// Removes and sets peers in as few messages as they fit into; all other peers stay untouched.
    func apply(_ change: PeersChange, to link: Link) throws(Refusal)

    /// Reads settings and peers in one consistent reading: first the settings, then each peer.
    ///
    /// - Parameter fingerprint: what a pre-shared key is replaced by, before `peer` sees it.
    func read(
        _ link: Link, fingerprint: (UnsafeRawBufferPointer) -> SecretFingerprint,
        device: (DeviceState) throws(Refusal) -> Void, peer: (PeerState) throws(Refusal) -> Void
    ) throws(Refusal)

    /// Deletes the interface, its peers first where that is faster; its port is free in the end.
    func remove(_ link: Link) throws(Refusal)
}

extension WireGuard {
    /// Changes what is not nil, all or nothing: if a part is refused, those before it are put back.
    func configure(_ link: Link, _ change: DeviceChange, from former: DeviceState) throws(Refusal) {
        guard !change.isEmpty else { return }
        do {
            try set(change, of: link)
        } catch {
            // The key comes last, so it is as it was.
            var undo = DeviceChange()
            if change.listenPort != nil { undo.listenPort = former.listenPort }
            if change.mark != nil { undo.mark = former.mark }
            if !undo.isEmpty { try? set(undo, of: link) }
            throw error
        }
    }
}
