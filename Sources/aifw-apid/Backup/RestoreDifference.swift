import Wire

/// What has to change so that what there is becomes what a backup holds, and nothing else. A pure function of the two.
struct RestoreDifference: Sendable {
    let tunnels: RecordChanges<TunnelRecord>
    let peers: RecordChanges<PeerRecord>
    let associations: RecordChanges<AssociationRecord>
    let tokens: RecordChanges<TokenRecord>
    let users: RecordChanges<UserRecord>

    /// A tunnel was deleted, or got another key, since its key was looked for: it has to be looked for once more.
    struct Overtaken: Error {}

    /// - Parameter hasSeed: whether a user's one-time passwords have this seed already.
    init(
        from current: StoredConfiguration, to prepared: PreparedConfiguration,
        hasSeed: (UserRecord, Secret) -> Bool
    ) throws {
        tunnels = try RecordChanges(
            from: current.tunnels, to: prepared.tunnels, id: \.id, wantedID: \.record.id,
            settle: { try $0.settled(over: $1) }, areSame: ==)
        peers = RecordChanges(
            from: current.peers, to: prepared.peers, id: \.id, wantedID: \.id, settle: { $0.settled(over: $1) },
            areSame: ==)
        associations = RecordChanges(
            from: current.associations, to: prepared.associations, id: \.id, wantedID: \.id,
            settle: { $0.settled(over: $1) }, areSame: ==)
        tokens = RecordChanges(
            from: current.tokens, to: prepared.tokens, id: \.id, wantedID: \.id, settle: { record, _ in record },
            areSame: ==)
        users = RecordChanges(
            from: current.users, to: prepared.users, id: \.id, wantedID: \.record.id,
            settle: { $0.settled(over: $1, hasSeed) }, areSame: ==)
    }

    /// The tunnels of which the kernel must hear, for they or their peers change.
    var touchedTunnels: Set<ObjectID> {
        Set((tunnels.written + tunnels.replaced).map(\.id)).union((peers.written + peers.replaced).map(\.tunnel))
    }

    /// The running interfaces that must go before any other is changed: what no tunnel wants, or wants otherwise than a running
    /// one can be changed, and what has the port or the network that another tunnel is to have.
    var removed: [TunnelRecord] {
        tunnels.deleted.filter(\.isEnabled) + tunnels.updated.filter(isRemoved).map(\.former)
    }

    /// Of the tunnels that run before and after, those whose sessions all end in between.
    var restarted: [TunnelRecord] {
        tunnels.updated.filter { change in
            change.former.isEnabled && change.record.isEnabled
                && (isRemoved(change) || change.former.publicKey != change.record.publicKey)
        }.map(\.record)
    }

    private func isRemoved(_ change: (former: TunnelRecord, record: TunnelRecord)) -> Bool {
        let (former, record) = change
        guard former.isEnabled else { return false }
        guard record.isEnabled, record.interface == former.interface else { return true }
        // Two that change places would each wait for the other.
        return tunnels.written.contains { other in
            other.id != former.id && other.isEnabled
                && (other.listenPort == former.listenPort
                    || (record.address != former.address
                        && other.address.networks.contains { former.address.networks.contains(where: $0.overlaps) }))
        }
    }

    /// Whether anything about the packet filter may change.
    var touchesRules: Bool {
        Set(tunnels.written.flatMap(\.passRules) + associations.written.flatMap(\.passRules))
            != Set(tunnels.replaced.flatMap(\.passRules) + associations.replaced.flatMap(\.passRules))
    }

    /// Whether anything about security associations may change.
    var touchesAssociations: Bool { (associations.written + associations.replaced).contains(where: \.isEnabled) }

    /// As answers and the log have it.
    var members: [JSON.Member] {
        BackupRecord.Kind.allCases.map { kind in
            let json: JSON =
                switch kind {
                case .tunnel: tunnels.json
                case .peer: peers.json
                case .association: associations.json
                case .token: tokens.json
                case .user: users.json
                }
            return .init(name: kind.plural, value: json)
        }
    }
}

extension PreparedConfiguration.Tunnel {
    /// What is stored: a key that is there already stays as it is sealed.
    fileprivate func settled(over former: TunnelRecord?) throws -> TunnelRecord {
        var tunnel = record
        let isThere = former?.publicKey == tunnel.publicKey
        switch key {
        case .kept(let secret): tunnel.privateKey = secret
        case .own:
            guard isThere else { throw RestoreDifference.Overtaken() }
        case .made(let secret, let publicKey):
            if !isThere { (tunnel.privateKey, tunnel.publicKey) = (secret, publicKey) }
        }
        guard let former else { return tunnel }
        if isThere { tunnel.privateKey = former.privateKey }
        return tunnel.stamped(tunnel.stamp.over(former.stamp), peerCount: former.peerCount)
    }
}

extension PeerRecord {
    fileprivate func settled(over former: PeerRecord?) -> PeerRecord {
        guard let former else { return self }
        var peer = self
        if peer.publicKey == former.publicKey, peer.privateKey != nil {
            peer.privateKey = former.privateKey ?? peer.privateKey
        }
        peer.presharedKey = peer.presharedKey.map { $0.settled(over: former.presharedKey) }
        return peer.stamped(stamp.over(former.stamp))
    }
}

extension AssociationRecord {
    fileprivate func settled(over former: AssociationRecord?) -> AssociationRecord {
        guard let former else { return self }
        var association = self
        for slot in AssociationKeySlot.allCases {
            association.keys[slot] = association.keys[slot].map { $0.settled(over: former.keys[slot]) }
        }
        return association.stamped(stamp.over(former.stamp))
    }
}

extension PreparedConfiguration.User {
    /// A code that was taken once is not taken again, whatever the backup says of it.
    fileprivate func settled(over former: UserRecord?, _ hasSeed: (UserRecord, Secret) -> Bool) -> UserRecord {
        guard let former else { return record }
        var user = record
        if let seed, let own = former.oneTimePassword, let restored = user.oneTimePassword, hasSeed(former, seed) {
            user.oneTimePassword = OneTimePasswordRecord(
                sealedSeed: own.sealedSeed, isConfirmed: restored.isConfirmed,
                lastStep: max(own.lastStep, restored.lastStep))
        }
        return user.stamped(record.stamp.over(former.stamp), lastLoginAt: former.lastLoginAt)
    }
}

extension SealedSymmetricKey {
    /// The same key as it is sealed already, if it is the same.
    fileprivate func settled(over former: SealedSymmetricKey?) -> SealedSymmetricKey {
        former.flatMap { $0.fingerprint == fingerprint ? $0 : nil } ?? self
    }
}

extension ObjectStamp {
    /// Its times, with the revision that there is.
    fileprivate func over(_ former: ObjectStamp) -> ObjectStamp {
        ObjectStamp(createdAt: createdAt, updatedAt: updatedAt, revision: former.revision)
    }
}
