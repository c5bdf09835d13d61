import HTTPTypes
import HummingbirdCore
import Wire

/// `/api/v1/restore`: what there is becomes what a backup holds, all of it or nothing.
struct Restores: Sendable {
    let plane: ControlPlane
    let seeds: SeedVault
    let threads: HashingThreads
    /// How often it is worked out anew where another change overtook it.
    private static let attempts = 5
    /// The most tunnels that are named in one warning.
    private static let namedLimit = 20

    @Sendable func create(_ context: APIContext) async throws -> Response {
        let query = context.query
        let isTrial = query.flag("dry_run") ?? false
        let makesNewKeys = query.flag("new_tunnel_keys") ?? false
        try query.finish()
        let passphrase = try context.passphrase
        let contents = try await contents(context, passphrase)
        let preparation = RestorePreparation(reader: plane.reader, seeds: seeds, makesNewKeys: makesNewKeys)
        for _ in 0..<Self.attempts {
            do {
                let current = try await plane.store.read { try $0.configuration() }
                let prepared = try await preparation.prepare(contents, over: current)
                guard isTrial else { return try await restore(contents, prepared, context) }
                let difference = try compare(current, prepared)
                return Self.answer(contents, prepared, difference, revision: nil, context)
            } catch is RestoreDifference.Overtaken {
                continue
            }
        }
        throw Problem(
            .conflict, "Others have changed the tunnels meanwhile, again and again; nothing was done. Try again.")
    }

    /// The backup, read to its end before anything else is done.
    private func contents(_ context: APIContext, _ passphrase: BackupPassphrase) async throws -> BackupContents {
        if let type = context.request.headers[.contentType], type.lowercased() != Backups.type {
            throw Problem(.unsupportedMediaType, "A backup must be sent as \(Backups.type).")
        }
        let reader = try BackupReader(try await context.bytes())
        let key = try await threads.key(passphrase, salt: reader.head.salt, cost: reader.head.cost)
        return try BackupContents(reader, key)
    }

    /// Rows and kernel in one transaction: what the kernel refuses undoes both.
    private func restore(
        _ contents: BackupContents, _ prepared: PreparedConfiguration, _ context: APIContext
    ) async throws -> Response {
        let author = context.author
        let summary = contents.summary
        let (difference, revision) = try await plane.write { [self] transaction, helper in
            let difference = try compare(transaction.configuration(), prepared)
            let members = difference.members + [.init(name: "backup_of", value: summary.createdAt.json)]
            let revision = try transaction.restore(difference, by: author, changes: .object(members))
            try helper.carryOut(difference, in: transaction)
            return (difference, revision)
        }
        for id in difference.touchedTunnels { plane.faults[id] = nil }
        for association in difference.associations.written { plane.faults[association.id] = nil }
        return Self.answer(contents, prepared, difference, revision: revision, context)
    }

    private func compare(
        _ current: StoredConfiguration, _ prepared: PreparedConfiguration
    ) throws -> RestoreDifference {
        try RestoreDifference(from: current, to: prepared) { user, seed in
            let own = user.oneTimePassword.flatMap { try? seeds.open($0.sealedSeed, for: user.id) }
            return own.map { Self.areSame($0.seed, seed) } ?? false
        } hasSecret: { webhook, secret in
            let own = try? seeds.openWebhookSecret(webhook.sealedSecret, of: webhook.id)
            return own.map { Self.areSame($0.key, secret.key) } ?? false
        }
    }

    private static func areSame(_ first: Secret, _ second: Secret) -> Bool {
        first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in BLAKE2b.areEqual(Array(first), Array(second)) }
        }
    }

    // MARK: The answer

    private static func answer(
        _ contents: BackupContents, _ prepared: PreparedConfiguration, _ difference: RestoreDifference,
        revision: Int64?, _ context: APIContext
    ) -> Response {
        let same = Set(difference.tunnels.unchanged.map(\.id))
        let renewed = prepared.renewed.filter { !same.contains($0.id) }
        let members: [JSON.Member] =
            [
                .init(name: "dry_run", value: .bool(revision == nil)),
                .init(name: "revision", value: revision.map { .integer($0) } ?? .null),
                .init(name: "backup_created_at", value: contents.summary.createdAt.json),
            ] + difference.members + [
                .init(name: "new_tunnel_keys", value: names(renewed)),
                .init(name: "restarted_tunnels", value: names(difference.restarted)),
            ]
        var warnings: [String] = []
        if !renewed.isEmpty {
            warnings.append(
                "these tunnels get new keys, and every client of theirs needs a new configuration: \(list(renewed))")
        }
        if !difference.restarted.isEmpty {
            warnings.append("the sessions of these running tunnels end: \(list(difference.restarted))")
        }
        if isForgotten(context.caller, difference) {
            warnings.append("the backup does not have the token or user of this request: it gets nobody in any more")
        }
        return Response.data(.object(members), warnings: warnings)
    }

    private static func isForgotten(_ caller: Caller, _ difference: RestoreDifference) -> Bool {
        switch caller.kind {
        case .token(let id): difference.tokens.deleted.contains { $0.id == id }
        case .user(let id): difference.users.deleted.contains { $0.id == id }
        case .account, .anyone: false
        }
    }

    private static func names(_ tunnels: [TunnelRecord]) -> JSON { .array(tunnels.map(\.name.json)) }

    private static func list(_ tunnels: [TunnelRecord]) -> String {
        let named = tunnels.prefix(namedLimit).map { "\"\($0.name)\" (\($0.interface))" }.joined(separator: ", ")
        return named + (tunnels.count > namedLimit ? " and \(tunnels.count - namedLimit) more" : "")
    }
}
