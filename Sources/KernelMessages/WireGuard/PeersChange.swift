package import Wire

/// Peers to remove and to set, with the pre-shared keys opened.
package struct PeersChange {
    package var remove: [PublicKey]
    package var set: [Peer]

    package struct Peer {
        let publicKey: PublicKey
        /// Nil stays, `.some(nil)` is none from now on.
        let presharedKey: SecretKey??
        let endpoint: Endpoint?
        /// All of them; nil stays.
        let allowedIPs: [Prefix]?
        let keepalive: Keepalive?

        package init(
            publicKey: PublicKey, presharedKey: SecretKey?? = nil, endpoint: Endpoint? = nil,
            allowedIPs: [Prefix]? = nil, keepalive: Keepalive? = nil
        ) {
            self.publicKey = publicKey
            self.presharedKey = presharedKey
            self.endpoint = endpoint
            self.allowedIPs = allowedIPs
            self.keepalive = keepalive
        }
    }

    package init(remove: [PublicKey] = [], set: [Peer] = []) {
        self.remove = remove
        self.set = set
    }

    /// What a request asks for.
    ///
    /// - Parameter presharedKeys: those that it has sealed, opened.
    package init(_ request: ApplyPeers, presharedKeys: [PublicKey: SecretKey]) throws(Refusal) {
        remove = request.remove
        set = []
        for (number, peer) in request.set.enumerated() {
            let key = presharedKeys[peer.publicKey]
            if case .some(.some) = peer.presharedKey, key == nil {
                throw Refusal(.unsealable, "was not opened", field: "set[\(number)].preshared_key")
            }
            set.append(
                Peer(
                    publicKey: peer.publicKey, presharedKey: peer.presharedKey.map { $0 == nil ? nil : key },
                    endpoint: peer.endpoint, allowedIPs: peer.allowedIPs, keepalive: peer.keepalive))
        }
    }

    package var isEmpty: Bool { remove.isEmpty && set.isEmpty }
}
