import HummingbirdCore
import Wire

/// `/api/v1/vpn/wg/{id}/peers`: the peers of a tunnel.
struct Peers: Sendable {
    let plane: ControlPlane
    let configurations: ClientConfigurations

    // MARK: Reading

    @Sendable func list(_ context: APIContext) async throws -> Response {
        let id = try context.id("id")
        let reader = context.query
        let query = ListQuery(reader)
        try reader.finish()
        let page = try await plane.store.read { try $0.peers(of: id, query) }
        return .list(page.records.map(\.json), next: page.next, total: page.total)
    }

    @Sendable func get(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let (tunnel, id) = (try context.id("id"), try context.id("peer"))
        let peer = try await plane.store.read { try $0.peer(id, of: tunnel) }
        return .data(peer.json, etag: peer.etag)
    }

    @Sendable func nextAddress(_ context: APIContext) async throws -> Response {
        let id = try context.id("id")
        let reader = context.query
        let family = reader.family
        try reader.finish()
        let address = try await plane.store.read { transaction in
            let tunnel = try transaction.tunnel(id)
            guard let address = try transaction.nextFreeAddress(in: tunnel, family: family) else {
                throw Self.exhausted(tunnel, family)
            }
            return address
        }
        return .bare(["next_ip": Prefix(host: address).json])
    }

    // MARK: Writing

    @Sendable func create(_ context: APIContext) async throws -> Response {
        let tunnelID = try context.id("id")
        let query = context.query
        let family = query.family
        try query.finish()
        let reader = try await context.body()
        let new = NewPeerFields(reader)
        let (fields, keepsKey) = (new.fields, new.keepsKey)
        let name = try reader.finish(fields.name.value)
        // A configuration is handed out with the answer.
        if !keepsKey { try context.require(.vpnSecrets) }
        let tunnel = try await plane.store.read { try $0.tunnel(tunnelID) }
        let endpoints = keepsKey ? nil : try await configurations.endpointChoice(context)
        // Before a key is made for nobody.
        _ = try endpoints?.endpoint(for: tunnel)
        let id = ObjectID.random()
        let keys = try await sealer.keys([new.wish(for: id)])[0]
        // What is handed out is opened before anything is done: a refusal must not leave a peer whose key nobody has.
        let opened = keepsKey ? nil : try await open(keys, of: id)
        let found = await plane.lookUp(fields.endpoint.value)
        let author = context.author
        let (stored, text, warnings) = try await plane.write { transaction, helper in
            let tunnel = try transaction.tunnel(tunnelID)
            let peer = new.record(
                id, named: name, in: tunnel, keys, try Self.allowedIPs(fields, family, tunnel, transaction))
            let stored = try transaction.insert(peer, by: author)
            if opened != nil { try transaction.log(.reveal, of: stored.object, by: author) }
            let text = try Self.configuration(of: stored, in: tunnel, endpoints, opened)
            let requests = try transaction.requests(in: tunnel, before: nil, after: stored, under: helper.rules)
            try helper.apply(requests + stored.requests(toFollow: found, in: tunnel, at: transaction.now))
            let warnings = Self.unrouted(stored, tunnel, helper.rules) + Self.unresolved(stored, found)
            return (stored, text, warnings)
        }
        let location = PeerRecord.location(id, of: tunnelID)
        guard let text else {
            return .created(stored.json, location: location, etag: stored.etag, warnings: warnings)
        }
        return Response.created(
            stored.json(with: text), location: location, etag: stored.etag, warnings: warnings
        ).notStored
    }

    @Sendable func put(_ context: APIContext) async throws -> Response { try await update(context, .whole) }

    @Sendable func patch(_ context: APIContext) async throws -> Response { try await update(context, .partial) }

    @Sendable func delete(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let (tunnelID, id) = (try context.id("id"), try context.id("peer"))
        let author = context.author
        let conditions = context.conditions
        try await plane.write { transaction, helper in
            let peer = try transaction.peer(id, of: tunnelID)
            try conditions.permit(peer.etag)
            let tunnel = try transaction.tunnel(tunnelID)
            try transaction.deletePeer(id, of: tunnelID, by: author)
            try helper.drop(try transaction.requests(in: tunnel, before: peer, after: nil, under: helper.rules))
        }
        return .message("Peer deleted")
    }

    /// A new keypair, and pre-shared key where there is one; the old one is dead when this returns.
    @Sendable func rotate(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let (tunnelID, id) = (try context.id("id"), try context.id("peer"))
        return try await Overtaken.retrying { try await rotate(id, of: tunnelID, context) }
    }

    private func rotate(_ id: ObjectID, of tunnelID: ObjectID, _ context: APIContext) async throws -> Response {
        let (tunnel, current) = try await plane.store.read { (try $0.tunnel(tunnelID), try $0.peer(id, of: tunnelID)) }
        guard current.isKeyGenerated else {
            throw Problem(
                .keyNotKept,
                "The key of this peer was not made here, so it can't be made anew here: set its public_key instead.")
        }
        let keepsKey = current.privateKey != nil
        if !keepsKey { try context.require(.vpnSecrets) }
        let endpoints = keepsKey ? nil : try await configurations.endpointChoice(context)
        // Before a key is made for nobody.
        _ = try endpoints?.endpoint(for: tunnel)
        let keys = try await sealer.rotated(for: current)
        let opened = keepsKey ? nil : try await open(keys, of: id)
        let author = context.author
        let conditions = context.conditions
        let (stored, text) = try await plane.write { transaction, helper in
            let former = try transaction.peer(id, of: tunnelID)
            try conditions.permit(former.etag)
            // Which keys it is to have was decided by what it was.
            guard former.stamp == current.stamp else { throw Overtaken() }
            var peer = former
            peer.publicKey = keys.publicKey
            peer.privateKey = keepsKey ? keys.privateKey : nil
            peer.presharedKey = keys.presharedKey
            let stored = try transaction.update(peer, by: author, action: .rotate)
            if opened != nil { try transaction.log(.reveal, of: stored.object, by: author) }
            let tunnel = try transaction.tunnel(tunnelID)
            let text = try Self.configuration(of: stored, in: tunnel, endpoints, opened)
            try helper.apply(try transaction.requests(in: tunnel, before: former, after: stored, under: helper.rules))
            return (stored, text)
        }
        guard let text else { return .data(stored.json, etag: stored.etag) }
        return Response.data(stored.json(with: text), etag: stored.etag).notStored
    }

    private func update(_ context: APIContext, _ completeness: TunnelFields.Completeness) async throws -> Response {
        try context.query.finish()
        let (tunnelID, id) = (try context.id("id"), try context.id("peer"))
        let reader = try await context.body()
        let current = try await plane.store.read { try $0.peer(id, of: tunnelID) }
        try context.conditions.permit(current.etag)
        let fields = PeerFields(reader, completeness)
        for name in ["id", "tunnel_id", "has_preshared_key", "has_private_key", "created_at", "updated_at"] {
            reader.readOnly(name, is: current.json[name] ?? nil)
        }
        reader.refuseNull("public_key", fields.publicKey)
        reader.refuseNull("allowed_ips", fields.allowedIPs)
        if let expiry = fields.expiresAt.value, expiry <= .now, expiry != current.expiresAt {
            reader.fault("expires_at", "must be in the future")
        }
        try reader.finish()
        let presharedKey = try await fields.presharedKey.value.asyncMap { try await sealer.presharedKey($0, for: id) }
        // One that stays as it is has been looked up, and a session that lives is not disturbed.
        let isMoved = fields.endpoint.value != current.endpoint
        let found = isMoved ? await plane.lookUp(fields.endpoint.value) : nil
        let author = context.author
        let conditions = context.conditions
        let (peer, warnings) = try await plane.write { transaction, helper in
            let former = try transaction.peer(id, of: tunnelID)
            try conditions.permit(former.etag)
            let tunnel = try transaction.tunnel(tunnelID)
            var peer = former
            fields.apply(to: &peer)
            if let presharedKey { peer.presharedKey = presharedKey }
            if case .null = fields.presharedKey { peer.presharedKey = nil }
            if let key = fields.publicKey.value, key != former.publicKey {
                // The key that is kept belongs to the public key that goes.
                (peer.publicKey, peer.privateKey, peer.isKeyGenerated) = (key, nil, false)
            }
            if fields.allowedIPs.value != nil {
                peer.allowedIPs = try Self.allowedIPs(fields, nil, tunnel, transaction)
            }
            // One that is enabled already is asked for with it where nothing else is: not where all of it is sent back.
            let isEnabling = !former.isEnabled || (peer == former && fields.expiresAt == .absent)
            if fields.enabled.value == true, isEnabling, let expiry = peer.expiresAt, expiry <= transaction.now {
                throw Problem(
                    .conflict, field: "enabled", "the peer has expired at \(expiry); set expires_at with it")
            }
            let stored = try transaction.update(peer, by: author)
            var requests = try transaction.requests(in: tunnel, before: former, after: stored, under: helper.rules)
            requests += stored.requests(toFollow: found, in: tunnel, at: transaction.now)
            if stored.isActive(at: transaction.now) { try helper.apply(requests) } else { try helper.drop(requests) }
            let warnings = Self.warnings(former, stored, tunnel) + Self.unrouted(stored, tunnel, helper.rules)
            return (stored, warnings + Self.unresolved(stored, found))
        }
        return .data(peer.json, etag: peer.etag, warnings: warnings)
    }

    // MARK: Parts

    private var sealer: PeerKeys.Sealer { PeerKeys.Sealer(reader: plane.reader) }

    /// The keys of a configuration that is handed out once.
    private func open(_ keys: PeerKeys, of id: ObjectID) async throws -> SealedPeerKeys.Opened {
        let sealed = SealedPeerKeys(
            peer: id, privateKey: keys.privateKey, presharedKey: keys.presharedKey?.secret)
        guard let sealed else { throw Problem(.keyNotKept, "The private key is not kept here.") }
        return try await plane.reader.open([sealed])[0]
    }

    /// The configuration that is handed out once, of the tunnel as the write finds it; nil where the key is kept.
    private static func configuration(
        of peer: PeerRecord, in tunnel: TunnelRecord, _ endpoints: EndpointChoice?, _ keys: SealedPeerKeys.Opened?
    ) throws -> Bytes? {
        guard let endpoints, let keys else { return nil }
        return ClientConfiguration(of: peer, in: tunnel, endpoint: try endpoints.endpoint(for: tunnel), keys)
            .text(.full)
    }

    /// The allowed IPs that a request gives, or the next free address: one of each family that the tunnel has.
    private static func allowedIPs(
        _ fields: PeerFields, _ family: IPAddress.Family?, _ tunnel: TunnelRecord,
        _ transaction: WriteTransaction
    ) throws -> AllowedIPs {
        if case .given(let prefixes)? = fields.allowedIPs.value {
            let faults = faults(of: prefixes, in: tunnel)
            guard faults.isEmpty else { throw Problem.invalid(faults) }
            return prefixes
        }
        let prefixes = try (family.map { [$0] } ?? tunnel.address.families).map { family in
            guard let address = try transaction.takeNextFreeAddress(in: tunnel, family: family) else {
                throw exhausted(tunnel, family)
            }
            return Prefix(host: address)
        }
        return try AllowedIPs(prefixes)
    }

    /// A single address that the tunnel itself has, or that no host has, can't be a peer's.
    ///
    /// - Parameter path: the place of the peer in the request (`peers[3].`).
    static func faults(of prefixes: AllowedIPs, in tunnel: TunnelRecord, at path: String = "") -> [Problem.Fault] {
        prefixes.elements.enumerated().compactMap { index, prefix in
            guard prefix.isHost, let own = tunnel.address.elements.first(where: { $0.network.contains(prefix) }),
                AddressPool(own.network, own: tunnel.address.addresses).lends(prefix.address) == false
            else { return nil }
            let whose = tunnel.address.addresses.contains(prefix.address) ? "the tunnel's own" : "no host's"
            return .init(
                field: "\(path)allowed_ips[\(index)]",
                detail: "must be an address for a peer; \(prefix) is \(whose)")
        }
    }

    static func exhausted(_ tunnel: TunnelRecord, _ family: IPAddress.Family?) -> Problem {
        if let family, !tunnel.address.families.contains(family) {
            return Problem(.poolExhausted, field: "family", "the tunnel has no \(family) address")
        }
        return Problem(
            .poolExhausted, field: "allowed_ips",
            "no address is left in \(tunnel.address); delete a peer or widen the network")
    }

    private static func warnings(_ former: PeerRecord, _ peer: PeerRecord, _ tunnel: TunnelRecord) -> [String] {
        guard tunnel.isEnabled, former.endpoint != nil, peer.endpoint == nil, peer.publicKey == former.publicKey else {
            return []
        }
        return [
            "WireGuard has no way to forget an endpoint: the running interface keeps the last one until it is started anew"
        ]
    }

    /// Allowed IPs to which the helper would install no route: WireGuard takes them, the host does not send there by itself.
    static func unrouted(_ peer: PeerRecord, _ tunnel: TunnelRecord, _ rules: NetworkRules) -> [String] {
        guard tunnel.routes else { return [] }
        return peer.allowedIPs.elements.compactMap { prefix in
            // A default route is what everybody expects not to be installed.
            guard prefix.length > 0, !tunnel.address.networks.contains(where: { $0.contains(prefix) }),
                let objection = rules.objection(toRoute: prefix)
            else { return nil }
            return "no route to \(prefix) is installed: only WireGuard itself knows that it belongs to this peer "
                + "(a route \(objection))"
        }
    }

    private static func unresolved(_ peer: PeerRecord, _ found: EndpointNames.Answer?) -> [String] {
        guard let name = peer.endpoint?.name, let fault = found?.fault else { return [] }
        return [
            "endpoint: \(name) can't be resolved (\(fault)); it is kept, and looked up again while nobody is heard from"
        ]
    }
}

extension PeerFields {
    /// Sets what was said; keys, allowed IPs and what depends on them are the caller's.
    func apply(to peer: inout PeerRecord) {
        peer.name = name.value ?? peer.name
        peer.endpoint = endpoint.applied(to: peer.endpoint)
        peer.clientRoutes = clientRoutes.applied(to: peer.clientRoutes)
        peer.keepalive = keepalive.applied(to: peer.keepalive) ?? Keepalive(validated: 0)
        peer.isEnabled = enabled.value ?? peer.isEnabled
        peer.expiresAt = expiresAt.applied(to: peer.expiresAt)
        peer.allowOverlap = allowOverlap.applied(to: peer.allowOverlap) ?? false
    }
}

extension QueryReader {
    /// `?family=4|6`; nil if nothing is said.
    var family: IPAddress.Family? {
        optional("family") { (text) throws(ValueError) in
            switch text {
            case "4": .v4
            case "6": .v6
            default: throw ValueError("must be 4 or 6")
            }
        }
    }
}
