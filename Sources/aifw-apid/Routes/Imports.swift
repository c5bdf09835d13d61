import HummingbirdCore
import Wire

/// `…/wg/import`: files of wg-quick(8) become tunnels that are down, all of them or none.
///
/// All that can be found wrong is found before a key is sealed; the transaction only looks whether that still holds.
struct Imports: Sendable {
    let plane: ControlPlane

    /// How many warnings are told; more are counted.
    private static let warningLimit = 50

    /// What was made, or would be.
    private struct Made: Sendable {
        let tunnel: TunnelRecord
        let peers: [PeerRecord]
        let file: ImportFileName?
    }

    @Sendable func create(_ context: APIContext) async throws -> Response {
        let (body, isDry) = try await ImportBody.read(context)
        let inventory = try await plane.reader.inventory()
        let foreign = Set(inventory.foreign)
        let (tunnels, faults) = await check(body, isDry: isDry)
        let batch = ImportBatch(tunnels: tunnels, foreign: foreign)
        let outlook = try await plane.store.read { try batch.records(in: $0, faults) }
        let rules = NetworkRules(inventory)
        let warnings = body.warnings + zip(tunnels, outlook).flatMap { $0.warnings($1, rules) }
        guard !isDry else {
            let made = zip(tunnels, outlook).map { tunnel, record in
                let peers = tunnel.peers(nil, at: record.stamp.createdAt)
                return Made(tunnel: record, peers: peers, file: tunnel.source.file)
            }
            return .data(Self.json(made), warnings: Self.cut(warnings))
        }
        let sealed = try await SealedImport(of: tunnels, by: plane.reader)
        let made = try await store(batch, sealed, context.author)
        let location = made.count == 1 ? TunnelRecord.location(made[0].tunnel.id) : "/api/v1/vpn/wg"
        return .created(Self.json(made), location: location, warnings: Self.cut(warnings))
    }

    // MARK: Parts

    /// The files without a fault, and all that is wrong with any of them by itself.
    private func check(_ body: ImportBody, isDry: Bool) async -> ([ImportedTunnel], [Problem.Fault]) {
        var faults = body.faults
        var tunnels: [ImportedTunnel] = []
        for source in body.sources {
            faults += source.faults
            guard let file = source.reading.file, let key = PublicKey(of: file.privateKey.value) else { continue }
            faults += file.faults(with: key).list.map { source.fault($0.line, $0.words) }
            let address = file.address
            let rules = await plane.rules(for: address.value.networks)
            faults += rules.objections(to: address.value).map { source.fault(address.line, "Address \($0)") }
            tunnels.append(ImportedTunnel(source, file, key, isDry: isDry))
        }
        return (tunnels, faults)
    }

    private func store(_ batch: ImportBatch, _ sealed: SealedImport, _ author: Author) async throws -> [Made] {
        try await plane.write { transaction, helper in
            let foreign = Set(try helper.inventory().foreign)
            let batch = ImportBatch(tunnels: batch.tunnels, foreign: foreign)
            let records = try batch.records(in: transaction)
            return try zip(batch.tunnels, zip(records, sealed.keys)).map { tunnel, made in
                var (record, keys) = made
                record.privateKey = keys.privateKey
                let peers = tunnel.peers(keys.presharedKeys, at: transaction.now)
                let stored = try transaction.insert(record, importedWith: peers, by: author)
                return Made(tunnel: stored.tunnel, peers: stored.peers, file: tunnel.source.file)
            }
        }
    }

    // MARK: Answers

    private static func json(_ made: [Made]) -> JSON {
        .array(
            made.map { made in
                [
                    "tunnel": made.tunnel.json(.down, Traffic()), "peers": .array(made.peers.map(\.json)),
                    "file": made.file?.json ?? nil,
                ]
            })
    }

    private static func cut(_ warnings: [String]) -> [String] {
        let more = warnings.count - warningLimit
        return warnings.prefix(warningLimit) + (more > 0 ? ["and \(more) more warnings"] : [])
    }
}
