import Wire

/// What has to change so that what there is becomes what a backup holds, and nothing else. A pure function of the two.
struct RestoreDifference: Sendable {
    let tunnels: RecordChanges<TunnelRecord>
    let peers: RecordChanges<PeerRecord>
    let associations: RecordChanges<AssociationRecord>
    let tokens: RecordChanges<TokenRecord>
    let users: RecordChanges<UserRecord>
    let webhooks: RecordChanges<WebhookRecord>

    /// A tunnel was deleted, or got another key, since its key was looked for: it has to be looked for once more.
    struct Overtaken: Error {}

    /// - Parameters:
    ///   - hasSeed: whether a user's one-time passwords have this seed already.
    ///   - hasSecret: whether this is what signs a webhook's deliveries already.
    init(
        from current: StoredConfiguration, to prepared: PreparedConfiguration,
        hasSeed: (UserRecord, Secret) -> Bool, hasSecret: (WebhookRecord, WebhookSecret) -> Bool
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
        webhooks = RecordChanges(
            from: current.webhooks, to: prepared.webhooks, id: \.id, wantedID: \.record.id,
            settle: { $0.settled(over: $1, hasSecret) }, areSame: ==)
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
                case .webhook: webhooks.json
                }
            return .init(name: kind.plural, value: json)
        }
    }
}
