import Wire

/// Makes the records of a backup from one snapshot, the secrets opened as they are needed (``PatientReveal``).
struct BackupSource: Sendable {
    let configuration: StoredConfiguration
    let summary: BackupSummary
    private let boxes: [ObjectID: RecoveryBox]
    private let seeds: [ObjectID: UserEntry.Seed]
    private let webhookSecrets: [ObjectID: WebhookSecret]
    private let reveal: PatientReveal

    /// A stored secret does not open.
    struct Unreadable: Error {
        let owners: [String]
    }

    /// The most of those that are named.
    private static let namedLimit = 10

    /// Makes sure that every secret opens, which costs nothing of the helper's budget, and has tunnels' keys boxed.
    ///
    /// - Parameter pause: what is done while the helper opens no more secrets for now.
    init(
        _ configuration: StoredConfiguration, _ reader: HelperReader, _ vault: SeedVault, at time: Timestamp,
        pause: @escaping PatientReveal.Pause
    ) async throws {
        self.configuration = configuration
        reveal = PatientReveal(reader: reader, pause: pause)
        boxes = try await Self.boxes(configuration, reader)
        var seeds: [ObjectID: UserEntry.Seed] = [:]
        var unreadable: [String] = []
        for user in configuration.users {
            guard let stored = user.oneTimePassword else { continue }
            guard let password = try? vault.open(stored.sealedSeed, for: user.id) else {
                unreadable.append("user \"\(user.name)\" (\(user.id))")
                continue
            }
            seeds[user.id] = .init(password: password, isConfirmed: stored.isConfirmed, lastStep: stored.lastStep)
        }
        var webhookSecrets: [ObjectID: WebhookSecret] = [:]
        for webhook in configuration.webhooks {
            guard let secret = try? vault.openWebhookSecret(webhook.sealedSecret, of: webhook.id) else {
                unreadable.append("webhook \"\(webhook.name)\" (\(webhook.id))")
                continue
            }
            webhookSecrets[webhook.id] = secret
        }
        guard unreadable.isEmpty else { throw Unreadable(owners: unreadable) }
        self.seeds = seeds
        self.webhookSecrets = webhookSecrets
        let boxes = boxes
        let unboxed = configuration.tunnels.filter { boxes[$0.id] == nil }
        summary = BackupSummary(
            createdAt: time, program: "aifw-apid \(Apid.version)", revision: configuration.revision,
            counts: [
                .tunnel: configuration.tunnels.count, .peer: configuration.peers.count,
                .association: configuration.associations.count, .token: configuration.tokens.count,
                .user: configuration.users.count, .webhook: configuration.webhooks.count,
            ], warnings: Self.warnings(unboxed))
    }

    /// Hands over every record in its order.
    func records(each body: (BackupRecord) async throws -> Void) async throws {
        try await body(.summary(summary))
        for tunnel in configuration.tunnels { try await body(.tunnel(TunnelEntry(tunnel, box: boxes[tunnel.id]))) }
        try await opened(configuration.peers, \.storedSecrets) { peer, secrets in
            var rest = secrets[...]
            let privateKey = peer.privateKey == nil ? nil : rest.popFirst().flatMap { SecretKey($0) }
            try await body(
                .peer(
                    PeerEntry(
                        peer, privateKey: privateKey, presharedKey: rest.popFirst().flatMap { SecretKey($0) })))
        }
        try await opened(configuration.associations, \.storedSecrets) { association, secrets in
            let slots = AssociationKeySlot.allCases.filter { association.keys[$0] != nil }
            let keys = Dictionary(zip(slots, secrets), uniquingKeysWith: { first, _ in first })
            try await body(.association(AssociationEntry(association, keys: keys)))
        }
        for token in configuration.tokens { try await body(.token(TokenEntry(token))) }
        for user in configuration.users { try await body(.user(UserEntry(user, totp: seeds[user.id]))) }
        for webhook in webhookEntries { try await body(.webhook(webhook)) }
    }

    private var webhookEntries: [WebhookEntry] {
        configuration.webhooks.compactMap { webhook in
            webhookSecrets[webhook.id].map { WebhookEntry(webhook, secret: $0) }
        }
    }

    /// How many bytes the records have at most, with keys as long as any is in base 64.
    var sizeLimit: Int {
        func size(_ record: BackupRecord, keys: Int = 0) -> Int { 4 + record.json.serialized.count + keys * 128 }
        return size(.summary(summary))
            + configuration.tunnels.reduce(0) { $0 + size(.tunnel(TunnelEntry($1, box: boxes[$1.id]))) }
            + configuration.peers.reduce(0) {
                $0 + size(.peer(PeerEntry($1, privateKey: nil, presharedKey: nil)), keys: $1.storedSecrets.count)
            }
            + configuration.associations.reduce(0) {
                $0 + size(.association(AssociationEntry($1, keys: [:])), keys: $1.storedSecrets.count)
            } + configuration.tokens.reduce(0) { $0 + size(.token(TokenEntry($1))) }
            + configuration.users.reduce(0) { $0 + size(.user(UserEntry($1, totp: seeds[$1.id]))) }
            + webhookEntries.reduce(0) { $0 + size(.webhook($1)) }
    }

    // MARK: Secrets

    /// Each object with its secrets opened, a batch at a time.
    private func opened<Record>(
        _ records: [Record], _ secrets: (Record) -> [StoredSecret], each body: (Record, [Secret]) async throws -> Void
    ) async throws {
        var batch: [(record: Record, count: Int)] = []
        var asked: [StoredSecret] = []
        func flush() async throws {
            var opened = try await reveal.open(asked)[...]
            for (record, count) in batch {
                try await body(record, Array(opened.prefix(count)))
                opened = opened.dropFirst(count)
            }
            (batch, asked) = ([], [])
        }
        for record in records {
            let more = secrets(record)
            if asked.count + more.count > Reveal.limit || batch.count == Reveal.limit { try await flush() }
            batch.append((record, more.count))
            asked += more
        }
        try await flush()
    }

    private static func boxes(
        _ configuration: StoredConfiguration, _ reader: HelperReader
    ) async throws -> [ObjectID: RecoveryBox] {
        var boxes: [ObjectID: RecoveryBox] = [:]
        var unreadable: [String] = []
        var rest = configuration.secrets[...]
        while !rest.isEmpty, unreadable.count < namedLimit {
            var batch = rest.prefix(Reseal.limit)
            do {
                let answer = try await reader.call(Reseal(batch.map(\.item))).sealed
                guard answer.count == batch.count else {
                    throw HelperError.unavailable("it sealed fewer secrets anew than it was asked to")
                }
                for (stored, sealed) in zip(batch, answer) { boxes[stored.object] = sealed.box ?? boxes[stored.object] }
            } catch HelperError.refused(let refusal) {
                guard let index = refusal.unopened, index < batch.count else { throw HelperError.refused(refusal) }
                // The boxes of those before it are not needed any more.
                batch = batch.prefix(index + 1)
                unreadable.append(configuration.owner(of: batch[batch.startIndex + index].object))
            }
            rest = rest.dropFirst(batch.count)
        }
        guard unreadable.isEmpty else { throw Unreadable(owners: unreadable) }
        return boxes
    }

    private static func warnings(_ unboxed: [TunnelRecord]) -> [String] {
        guard !unboxed.isEmpty else { return [] }
        let named = unboxed.prefix(namedLimit).map { "\"\($0.name)\" (\($0.interface))" }.joined(separator: ", ")
        let more = unboxed.count > namedLimit ? " and \(unboxed.count - namedLimit) more" : ""
        return [
            "no recovery key is set (aifw-privd --recovery-init): on another machine these tunnels would get new keys, "
                + "and every client of theirs a new configuration: \(named)\(more)"
        ]
    }
}
