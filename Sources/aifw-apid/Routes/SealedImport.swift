import Wire

/// The keys of imported tunnels as they are stored.
struct SealedImport: Sendable {
    struct Keys: Sendable {
        let privateKey: SealedSecret
        /// By the places of the peers that have one.
        let presharedKeys: [Int: SealedSymmetricKey]
    }

    /// In the order of the tunnels.
    let keys: [Keys]

    /// Has the helper seal them all.
    init(of tunnels: [ImportedTunnel], by reader: HelperReader) async throws {
        let items = tunnels.flatMap(\.items)
        var sealed: [Seal.Answer.Item] = []
        sealed.reserveCapacity(items.count)
        while sealed.count < items.count {
            let part = Array(items[sealed.count...].prefix(Seal.limit))
            let answer = try await reader.call(Seal(part))
            guard answer.sealed.count == part.count else { throw Self.incomplete }
            sealed += answer.sealed
        }
        var rest = sealed[...]
        keys = try tunnels.map { tunnel in
            guard let own = rest.popFirst(), own.publicKey == tunnel.publicKey else { throw Self.incomplete }
            var presharedKeys: [Int: SealedSymmetricKey] = [:]
            for (index, peer) in tunnel.file.peers.enumerated() where peer.presharedKey != nil {
                guard let key = rest.popFirst(), let fingerprint = key.fingerprint else { throw Self.incomplete }
                presharedKeys[index] = SealedSymmetricKey(secret: key.secret, fingerprint: fingerprint)
            }
            return Keys(privateKey: own.secret, presharedKeys: presharedKeys)
        }
    }

    private static let incomplete = HelperError.unavailable("it did not seal the keys that it was given")
}
