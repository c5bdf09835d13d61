import Wire

/// The keys of a peer as they are stored: sealed by the helper, never seen here.
struct PeerKeys: Sendable {
    let publicKey: PublicKey
    /// Nil where only a public key was given.
    let privateKey: SealedSecret?
    /// Whether the keypair was made here.
    let isGenerated: Bool
    let presharedKey: SealedSymmetricKey?

    /// Has the helper make and seal them.
    struct Sealer: Sendable {
        let reader: HelperReader

        /// The keys of a new peer: a keypair is made unless a public key is given. Without anything to make or to seal the
        /// helper is not asked.
        func keys(
            publicKey: PublicKey?, presharedKey: PresharedKeyChoice?, for peer: ObjectID
        ) async throws -> PeerKeys {
            var items: [Seal.Item] = []
            if publicKey == nil { items.append(Self.privateKey(of: peer)) }
            if let presharedKey { items.append(Self.presharedKey(presharedKey, of: peer)) }
            guard !items.isEmpty, var sealed = try await ask(items)?[...] else {
                guard let publicKey else { throw Self.incomplete }
                return PeerKeys(publicKey: publicKey, privateKey: nil, isGenerated: false, presharedKey: nil)
            }
            let made = publicKey == nil ? sealed.popFirst() : nil
            guard let key = publicKey ?? made?.publicKey else { throw Self.incomplete }
            return PeerKeys(
                publicKey: key, privateKey: made?.secret, isGenerated: made != nil,
                presharedKey: try presharedKey == nil ? nil : Self.presharedKey(sealed.popFirst()))
        }

        /// A new keypair and, where the peer has one, a new pre-shared key.
        func rotated(for peer: PeerRecord) async throws -> PeerKeys {
            try await keys(publicKey: nil, presharedKey: peer.presharedKey.map { _ in .auto }, for: peer.id)
        }

        func presharedKey(_ choice: PresharedKeyChoice, for peer: ObjectID) async throws -> SealedSymmetricKey {
            try Self.presharedKey(try await ask([Self.presharedKey(choice, of: peer)])?.first)
        }

        private func ask(_ items: [Seal.Item]) async throws -> [Seal.Answer.Item]? {
            let answer = try await reader.call(Seal(items))
            guard answer.sealed.count == items.count else { throw Self.incomplete }
            return answer.sealed
        }

        private static func privateKey(of peer: ObjectID) -> Seal.Item {
            .init(object: peer, class: .client, purpose: .wireguardPrivateKey)
        }

        private static func presharedKey(_ choice: PresharedKeyChoice, of peer: ObjectID) -> Seal.Item {
            var given: SecretKey?
            if case .given(let key) = choice { given = key }
            return .init(object: peer, class: .client, purpose: .wireguardPresharedKey, given: given?.secret)
        }

        private static func presharedKey(_ item: Seal.Answer.Item?) throws -> SealedSymmetricKey {
            guard let item, let fingerprint = item.fingerprint else { throw incomplete }
            return SealedSymmetricKey(secret: item.secret, fingerprint: fingerprint)
        }

        private static let incomplete = HelperError.unavailable("it sealed fewer keys than it was asked to")
    }
}
