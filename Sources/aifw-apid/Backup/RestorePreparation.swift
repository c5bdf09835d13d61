import Wire

/// Has the helper seal what a backup brings: clients' keys as they are given, tunnels' keys from what this machine, or whoever
/// has typed the recovery code in, can open of them.
///
/// Nothing is changed by it: what comes back is stored by the restore or forgotten.
struct RestorePreparation: Sendable {
    let reader: HelperReader
    let seeds: SeedVault
    /// Whether a tunnel whose key can't be had gets a new one.
    let makesNewKeys: Bool

    /// The keys of tunnels can't be had on this machine.
    struct Locked: Error {
        let tunnels: [TunnelRecord]
        /// Whether there are boxes for them, which the recovery code opens.
        let areBoxed: Bool
    }

    /// - Parameter current: what there is: a tunnel that has its key still needs no other.
    func prepare(_ contents: BackupContents, over current: StoredConfiguration) async throws -> PreparedConfiguration {
        var prepared = PreparedConfiguration()
        prepared.tunnels = try await tunnels(contents.tunnels, current)
        var sealer = Sealer(reader: reader)
        for entry in contents.peers {
            sealer.add(entry.record.id, .wireguardPrivateKey, entry.privateKey?.secret)
            sealer.add(entry.record.id, .wireguardPresharedKey, entry.presharedKey?.secret)
        }
        for entry in contents.associations {
            for slot in AssociationKeySlot.allCases { sealer.add(entry.record.id, slot.purpose, entry.keys[slot]) }
        }
        try await sealer.seal()
        prepared.peers = try contents.peers.map { try Self.peer($0, &sealer) }
        prepared.associations = try contents.associations.map { try Self.association($0, &sealer) }
        prepared.tokens = contents.tokens.map(\.record)
        prepared.users = try contents.users.map(user)
        prepared.webhooks = try contents.webhooks.map(webhook)
        return prepared
    }

    // MARK: Clients' keys

    private static func peer(_ entry: PeerEntry, _ sealer: inout Sealer) throws -> PeerRecord {
        var peer = entry.record
        if entry.privateKey != nil {
            let sealed = try sealer.next()
            guard sealed.publicKey == peer.publicKey else {
                throw BackupError.damaged("the private key of peer \"\(peer.name)\" is not that of its public key")
            }
            peer.privateKey = sealed.secret
        }
        if entry.presharedKey != nil { peer.presharedKey = try sealer.nextSymmetric() }
        return peer
    }

    private static func association(_ entry: AssociationEntry, _ sealer: inout Sealer) throws -> AssociationRecord {
        var association = entry.record
        for slot in AssociationKeySlot.allCases where entry.keys[slot] != nil {
            association.keys[slot] = try sealer.nextSymmetric()
        }
        try association.keys.refuseSharing(with: association.encryption)
        return association
    }

    private func user(_ entry: UserEntry) throws -> PreparedConfiguration.User {
        var user = entry.record
        if let totp = entry.totp {
            user.oneTimePassword = OneTimePasswordRecord(
                sealedSeed: try seeds.seal(totp.password.seed, for: user.id), isConfirmed: totp.isConfirmed,
                lastStep: totp.lastStep)
        }
        return .init(record: user, seed: entry.totp?.password.seed)
    }

    private func webhook(_ entry: WebhookEntry) throws -> PreparedConfiguration.Webhook {
        var webhook = entry.record
        webhook.sealedSecret = try seeds.seal(entry.secret, of: webhook.id)
        return .init(record: webhook, secret: entry.secret)
    }

    // MARK: Tunnels' keys

    private func tunnels(
        _ entries: [TunnelEntry], _ current: StoredConfiguration
    ) async throws -> [PreparedConfiguration.Tunnel] {
        let own = Dictionary(current.tunnels.map { ($0.id, $0.publicKey) }, uniquingKeysWith: { first, _ in first })
        var tunnels: [PreparedConfiguration.Tunnel] = []
        var locked: [TunnelEntry] = []
        for entry in entries {
            let record = entry.record
            if let secret = try await opened(entry) {
                tunnels.append(.init(record: record, key: .kept(secret)))
            } else if own[record.id] == record.publicKey {
                tunnels.append(.init(record: record, key: .own))
            } else if makesNewKeys {
                let item = Seal.Item(object: record.id, class: .device, purpose: .wireguardPrivateKey)
                guard let made = try await reader.call(Seal([item])).sealed.first, let key = made.publicKey else {
                    throw Sealer.incomplete
                }
                tunnels.append(.init(record: record, key: .made(made.secret, key)))
            } else {
                locked.append(entry)
            }
        }
        guard locked.isEmpty else {
            throw Locked(tunnels: locked.map(\.record), areBoxed: locked.allSatisfy { $0.box != nil })
        }
        return tunnels
    }

    /// A tunnel's key under this machine's master key: as it was sealed, if it was sealed here; else out of its box. Nil if
    /// neither opens.
    private func opened(_ entry: TunnelEntry) async throws -> SealedSecret? {
        let record = entry.record
        let stored = StoredSecret(place: .tunnelPrivateKey, object: record.id, secret: record.privateKey)
        if let again = try await Self.unlessUnopened({ try await reader.call(Reseal([stored.item])).sealed.first }) {
            return again.secret.keyID == record.privateKey.keyID ? record.privateKey : again.secret
        }
        guard let box = entry.box else { return nil }
        let item = Seal.Item(
            object: record.id, class: .device, purpose: .wireguardPrivateKey, origin: .box(box))
        guard let sealed = try await Self.unlessUnopened({ try await reader.call(Seal([item])).sealed.first }) else {
            return nil
        }
        guard sealed.publicKey == record.publicKey else {
            throw BackupError.damaged("the boxed key of tunnel \"\(record.name)\" is not that of its public key")
        }
        return sealed.secret
    }

    /// Nil where the helper can't open what it was given, or may not before the recovery code is typed in.
    private static func unlessUnopened<Answer>(_ ask: () async throws -> Answer?) async throws -> Answer? {
        do {
            return try await ask()
        } catch HelperError.refused(let refusal) where refusal.code == .unsealable || refusal.code == .policy {
            return nil
        }
    }
}

extension RestorePreparation {
    /// Secrets that are to be sealed, and then, in the same order, sealed.
    private struct Sealer {
        let reader: HelperReader
        private var items: [Seal.Item] = []
        private var sealed: ArraySlice<Seal.Answer.Item> = []

        static let incomplete = HelperError.unavailable("it sealed fewer keys than it was asked to")

        init(reader: HelperReader) { self.reader = reader }

        mutating func add(_ object: ObjectID, _ purpose: SecretPurpose, _ secret: Secret?) {
            guard let secret else { return }
            items.append(Seal.Item(object: object, class: .client, purpose: purpose, given: secret))
        }

        mutating func seal() async throws {
            var rest = items[...]
            while !rest.isEmpty {
                let batch = Array(rest.prefix(Seal.limit))
                let answer = try await reader.call(Seal(batch)).sealed
                guard answer.count == batch.count else { throw Self.incomplete }
                sealed += answer
                rest = rest.dropFirst(batch.count)
            }
        }

        mutating func next() throws -> Seal.Answer.Item {
            guard let item = sealed.popFirst() else { throw Self.incomplete }
            return item
        }

        mutating func nextSymmetric() throws -> SealedSymmetricKey {
            let item = try next()
            guard let fingerprint = item.fingerprint else { throw Self.incomplete }
            return SealedSymmetricKey(secret: item.secret, fingerprint: fingerprint)
        }
    }
}
