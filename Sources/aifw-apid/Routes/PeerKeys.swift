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

        /// What the keys of one peer are to be.
        struct Wish: Sendable {
            let peer: ObjectID
            /// Nil: a keypair is made.
            let publicKey: PublicKey?
            let presharedKey: PresharedKeyChoice?

            fileprivate var items: [Seal.Item] {
                var items: [Seal.Item] = []
                if publicKey == nil { items.append(Sealer.privateKey(of: peer)) }
                if let presharedKey { items.append(Sealer.presharedKey(presharedKey, of: peer)) }
                return items
            }
        }

        /// The keys of new peers, in their order: a keypair is made unless a public key is given. Without anything to make or
        /// to seal the helper is not asked.
        func keys(_ wishes: [Wish]) async throws -> [PeerKeys] {
            let items = wishes.flatMap(\.items)
            var sealed: [Seal.Answer.Item] = []
            sealed.reserveCapacity(items.count)
            while sealed.count < items.count {
                sealed += try await ask(Array(items[sealed.count...].prefix(Seal.limit)))
            }
            var rest = sealed[...]
            return try wishes.map { wish in
                let made = wish.publicKey == nil ? rest.popFirst() : nil
                guard let key = wish.publicKey ?? made?.publicKey else { throw Self.incomplete }
                return PeerKeys(
                    publicKey: key, privateKey: made?.secret, isGenerated: made != nil,
                    presharedKey: try wish.presharedKey == nil ? nil : Self.presharedKey(rest.popFirst()))
            }
        }

        private func keys(_ wish: Wish) async throws -> PeerKeys {
            let keys = try await keys([wish])
            guard let first = keys.first else { throw Self.incomplete }
            return first
        }

        /// A new keypair and, where the peer has one, a new pre-shared key.
        func rotated(for peer: PeerRecord) async throws -> PeerKeys {
            try await keys(Wish(peer: peer.id, publicKey: nil, presharedKey: peer.presharedKey.map { _ in .auto }))
        }

        func presharedKey(_ choice: PresharedKeyChoice, for peer: ObjectID) async throws -> SealedSymmetricKey {
            try Self.presharedKey(try await ask([Self.presharedKey(choice, of: peer)]).first)
        }

        private func ask(_ items: [Seal.Item]) async throws -> [Seal.Answer.Item] {
            let answer = try await reader.call(Seal(items))
            guard answer.sealed.count == items.count else { throw Self.incomplete }
            return answer.sealed
        }

        fileprivate static func privateKey(of peer: ObjectID) -> Seal.Item {
            .init(object: peer, class: .client, purpose: .wireguardPrivateKey)
        }

        fileprivate static func presharedKey(_ choice: PresharedKeyChoice, of peer: ObjectID) -> Seal.Item {
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
