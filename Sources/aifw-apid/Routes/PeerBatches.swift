import HTTPTypes
import HummingbirdCore
import Wire

/// `…/peers/bulk`: many peers at once, all of them or none.
///
/// All that takes long is done before it is the database's turn: the request is read, clashes are looked for on a snapshot,
/// keys are made and opened, while other writes go on. The transaction only looks whether that still holds.
struct PeerBatches: Sendable {
    let plane: ControlPlane
    let configurations: ClientConfigurations

    /// How many warnings are told; more are counted.
    private static let warningLimit = 50

    private enum Form: String, CaseIterable {
        case json = "application/json"
        case zip = "application/zip"
    }

    @Sendable func create(_ context: APIContext) async throws -> Response {
        let types = Form.allCases.map(\.rawValue)
        guard let form = Accept(context.request.headers).best(of: types).flatMap(Form.init) else {
            throw Problem(.notAcceptable, "The Accept header excludes all there is: \(types.joined(separator: ", ")).")
        }
        let tunnelID = try context.id("id")
        let query = context.query
        let family = query.family
        try query.finish()
        let (peers, faults) = try await read(context, form)
        let isRevealing = form == .zip || peers.contains { !$0.keepsKey }
        if isRevealing { try context.require(.vpnSecrets) }
        let batch = PeerBatch(peers: peers, tunnel: tunnelID, family: family)
        let outlook = try await plane.store.read { try batch.outlook(in: $0, faults) }
        let endpoints = isRevealing ? try await configurations.endpointChoice(context) : nil
        // Before keys are made for nobody.
        _ = try endpoints?.endpoint(for: outlook.tunnel)
        // In the order of the request, so that they are listed in it.
        let ids = peers.map { _ in ObjectID.random() }.sorted { $0.bits < $1.bits }
        let keys = try await sealer.keys(zip(peers, ids).map { $0.wish(for: $1) })
        let opened = try await open(peers, ids, keys, form)
        let (stored, tunnel, endpoint, warnings) = try await store(
            batch, outlook, ids, keys, Set(opened.keys), endpoints, context.author)
        var texts: [ObjectID: Bytes] = [:]
        if let endpoint {
            for peer in stored {
                guard let keys = opened[peer.id] else { continue }
                texts[peer.id] = ClientConfiguration(of: peer, in: tunnel, endpoint: endpoint, keys).text(.full)
            }
        }
        switch form {
        case .json: return Self.list(stored, texts, in: tunnelID, warnings)
        case .zip: return try Self.archive(stored, texts, of: tunnel)
        }
    }

    // MARK: Parts

    private var sealer: PeerKeys.Sealer { PeerKeys.Sealer(reader: plane.reader) }

    /// The peers of the request, and what is wrong with them by themselves.
    private func read(_ context: APIContext, _ form: Form) async throws -> ([NewPeerFields], [Problem.Fault]) {
        let reader = try await context.body()
        var secrets = 0
        let read = reader.each("peers", atMost: PeerBatch.limit) { _, reader in
            let peer = NewPeerFields(reader)
            if form == .zip, peer.fields.publicKey.value != nil {
                reader.fault("public_key", "has no configuration to put into the zip: leave it out, or accept JSON")
            }
            secrets += peer.secrets(areAll: form == .zip)
            return peer
        }
        if read?.isEmpty == true { reader.fault("peers", "must have at least one element") }
        if secrets > HelperReader.revealBurst {
            reader.fault(
                "peers",
                "have \(secrets) keys to hand out, and \(HelperReader.revealBurst) can be at once: make fewer at a time"
            )
        }
        let faults = reader.finishWithFaults()
        // Where one is missing altogether, indexes would be those of others.
        guard let read, faults.isEmpty || !faults.contains(where: { $0.field.last == "]" || $0.field == "peers" })
        else {
            throw Problem.invalid(faults)
        }
        return (read, faults)
    }

    /// The keys of those whose configurations are handed out, opened before anything is done.
    private func open(
        _ peers: [NewPeerFields], _ ids: [ObjectID], _ keys: [PeerKeys], _ form: Form
    ) async throws -> [ObjectID: SealedPeerKeys.Opened] {
        let sealed = zip(peers, zip(ids, keys)).compactMap { peer, made -> SealedPeerKeys? in
            guard form == .zip || !peer.keepsKey else { return nil }
            return SealedPeerKeys(
                peer: made.0, privateKey: made.1.privateKey, presharedKey: made.1.presharedKey?.secret)
        }
        let opened = try await plane.reader.open(sealed)
        return Dictionary(uniqueKeysWithValues: zip(sealed.map(\.peer), opened))
    }

    private func store(
        _ batch: PeerBatch, _ outlook: PeerBatch.Outlook, _ ids: [ObjectID], _ keys: [PeerKeys],
        _ revealed: Set<ObjectID>, _ endpoints: EndpointChoice?, _ author: Author
    ) async throws -> ([PeerRecord], TunnelRecord, PublicEndpoint?, [String]) {
        try await plane.write { transaction, helper in
            let holds = try !transaction.hasPeers(of: batch.tunnel, changedSince: outlook.revision)
            let outlook = holds ? outlook : try batch.outlook(in: transaction)
            let tunnel = outlook.tunnel
            let endpoint = try endpoints?.endpoint(for: tunnel)
            let records = try batch.peers.indices.map { index in
                let peer = batch.peers[index]
                guard let name = peer.fields.name.value else { throw Problem(.invalid, "A name is missing.") }
                return peer.record(ids[index], named: name, in: tunnel, keys[index], outlook.allowedIPs[index])
            }
            let stored = try transaction.insert(unclashing: records, of: tunnel.id, revealing: revealed, by: author)
            try helper.apply(try transaction.requests(in: tunnel, making: stored, under: helper.rules))
            return (stored, tunnel, endpoint, Self.warnings(stored, tunnel, helper.rules))
        }
    }

    private static func warnings(_ peers: [PeerRecord], _ tunnel: TunnelRecord, _ rules: NetworkRules) -> [String] {
        let all = peers.enumerated().flatMap { index, peer in
            Peers.unrouted(peer, tunnel, rules).map { "peers[\(index)]: \($0)" }
        }
        let more = all.count - warningLimit
        return all.prefix(warningLimit) + (more > 0 ? ["and \(more) more of this kind"] : [])
    }

    // MARK: Answers

    private static func list(
        _ peers: [PeerRecord], _ texts: [ObjectID: Bytes], in tunnel: ObjectID, _ warnings: [String]
    ) -> Response {
        let items = peers.map { peer in texts[peer.id].map(peer.json(with:)) ?? peer.json }
        let response = Response.created(
            .array(items), location: TunnelRecord.location(tunnel) + "/peers", warnings: warnings)
        return texts.isEmpty ? response : response.notStored
    }

    private static func archive(
        _ peers: [PeerRecord], _ texts: [ObjectID: Bytes], of tunnel: TunnelRecord
    ) throws -> Response {
        var names = UniqueFileNames()
        var archive = ZipArchive()
        for peer in peers {
            guard let text = texts[peer.id] else { continue }
            archive.add(names.next(for: peer.name), text)
        }
        var response = Response.bytes(archive.finish(), type: Form.zip.rawValue, status: .created).notStored
        response.headers[.location] = TunnelRecord.location(tunnel.id) + "/peers"
        response.headers[.contentDisposition] = ContentDisposition.attachment(
            name: "\(tunnel.name).zip", fallback: "\(ConfigurationFileName(tunnel.name).stem).zip")
        return response
    }
}

extension NewPeerFields {
    /// How many keys its configuration has, if that is handed out.
    fileprivate func secrets(areAll: Bool) -> Int {
        guard areAll || !keepsKey, fields.publicKey.value == nil else { return 0 }
        return fields.presharedKey.value == nil ? 1 : 2
    }
}
