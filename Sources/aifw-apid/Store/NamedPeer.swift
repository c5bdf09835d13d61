import Wire

/// A peer whose endpoint is a host name, with what is needed to look after it.
struct NamedPeer: Sendable, Equatable {
    let id: ObjectID
    let tunnel: ObjectID
    let publicKey: PublicKey
    let endpoint: PeerEndpoint
    let name: HostName

    /// Nil for any other peer.
    init?(_ peer: PeerRecord) {
        guard let endpoint = peer.endpoint, let name = endpoint.name else { return nil }
        (id, tunnel, publicKey) = (peer.id, peer.tunnel, peer.publicKey)
        (self.endpoint, self.name) = (endpoint, name)
    }
}
