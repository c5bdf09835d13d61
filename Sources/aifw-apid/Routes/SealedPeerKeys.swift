import Wire

/// The keys that a peer's configuration needs, sealed.
struct SealedPeerKeys: Sendable {
    let peer: ObjectID
    let privateKey: SealedSecret
    let presharedKey: SealedSecret?

    /// Nil where there is no private key.
    init?(peer: ObjectID, privateKey: SealedSecret?, presharedKey: SealedSecret?) {
        guard let privateKey else { return nil }
        self.peer = peer
        self.privateKey = privateKey
        self.presharedKey = presharedKey
    }

    init?(_ peer: PeerRecord) {
        self.init(peer: peer.id, privateKey: peer.privateKey, presharedKey: peer.presharedKey?.secret)
    }

    /// The same keys opened.
    struct Opened: Sendable {
        let privateKey: SecretKey
        let presharedKey: SecretKey?
    }

    /// How many secrets they are.
    var count: Int { presharedKey == nil ? 1 : 2 }

    fileprivate var items: [Reveal.Item] {
        [Reveal.Item(object: peer, purpose: .wireguardPrivateKey, secret: privateKey)]
            + (presharedKey.map { [.init(object: peer, purpose: .wireguardPresharedKey, secret: $0)] } ?? [])
    }
}

extension HelperReader {
    /// The most secrets that the helper opens at once (aifw-privd, RevealBudget); after that it is 50 a second.
    static let revealBurst = 10_000
    private static let revealsPerSecond = 50

    /// The keys of peers, opened by the helper: all of them, or none are given back.
    ///
    /// Where its budget ends in between, the refusal says when there will be enough for all again, so that who comes back
    /// then does not use it up in vain once more.
    func open(_ sealed: [SealedPeerKeys]) async throws -> [SealedPeerKeys.Opened] {
        let items = sealed.flatMap(\.items)
        var keys: [SecretKey] = []
        keys.reserveCapacity(items.count)
        while keys.count < items.count {
            let batch = Array(items[keys.count...].prefix(Reveal.limit))
            do {
                let answer = try await call(Reveal(batch)).keys
                guard answer.count == batch.count else {
                    throw HelperError.unavailable("it opened fewer keys than it was asked to")
                }
                keys += answer
            } catch HelperError.refused(let refusal) where refusal.code == .rate {
                let whole = UInt64(items.count / Self.revealsPerSecond + 1)
                throw HelperError.refused(
                    Refusal(
                        .rate, refusal.message, field: refusal.field,
                        retryAfter: items.count <= Reveal.limit ? refusal.retryAfter : whole))
            }
        }
        var rest = keys[...]
        return sealed.compactMap { peer in
            guard let privateKey = rest.popFirst() else { return nil }
            return .init(privateKey: privateKey, presharedKey: peer.presharedKey == nil ? nil : rest.popFirst())
        }
    }
}

extension ClientConfiguration {
    init(of peer: PeerRecord, in tunnel: TunnelRecord, endpoint: PublicEndpoint, _ keys: SealedPeerKeys.Opened) {
        self.init(
            privateKey: keys.privateKey, presharedKey: keys.presharedKey, allowedIPs: peer.allowedIPs,
            clientRoutes: peer.clientRoutes, keepalive: peer.keepalive, tunnelKey: tunnel.publicKey,
            tunnelAddresses: tunnel.address, splitRoutes: tunnel.splitRoutes, dns: tunnel.dns, mtu: tunnel.mtu,
            endpoint: endpoint, listenPort: tunnel.listenPort)
    }
}
