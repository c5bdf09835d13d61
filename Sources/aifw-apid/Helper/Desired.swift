import Wire

/// A tunnel as it should be in the kernel: what the plan compares with what is there.
///
/// Only tunnels that are enabled have one, and only peers that are enabled and have not expired are in it.
struct DesiredTunnel: Sendable {
    let id: ObjectID
    let interface: TunnelInterface
    let privateKey: SealedSecret
    let publicKey: PublicKey
    let listenPort: Port
    let mark: FirewallMark
    let mtu: MTU
    let addresses: [InterfaceAddress]
    /// The routes over the interface, each once.
    let routes: Set<Prefix>
    /// Routes that are not made and, where they are there, not taken away either.
    let toleratedRoutes: Set<Prefix>
    let peers: [DesiredPeer]
}

/// A peer as it should be in the kernel.
struct DesiredPeer: Sendable, Equatable {
    let publicKey: PublicKey
    let presharedKey: PresharedKey?
    /// Where it is reached first; a peer that moves is followed by the kernel, and not called back.
    let endpoint: Endpoint?
    let allowedIPs: [Prefix]
    let keepalive: Keepalive

    struct PresharedKey: Sendable, Equatable {
        let reference: SealedReference
        let fingerprint: SecretFingerprint
    }
}

/// A tunnel's interface and peers as the helper read them.
struct ActualTunnel: Sendable {
    let state: TunnelState
    /// Those of ours over it.
    var routes: [Prefix] = []
    let peers: [PeerState]
    /// Nil if it was not read, but made up.
    var reading: CounterReading?
}
