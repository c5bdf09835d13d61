import HummingbirdCore
import Wire

/// `/api/v1/vpn/wg`: tunnels.
struct Tunnels: Sendable {
    let plane: ControlPlane

    // MARK: Reading

    @Sendable func list(_ context: APIContext) async throws -> Response {
        let reader = context.query
        let query = ListQuery(reader)
        try reader.finish()
        let page = try await plane.store.read { try $0.tunnels(query) }
        let inventory = try await plane.reader.inventory()
        let owned = Dictionary(inventory.tunnels.map { ($0.tunnel, $0) }, uniquingKeysWith: { first, _ in first })
        let totals = plane.ledger.totals(ofTunnels: page.records.map(\.id))
        let items = page.records.map { tunnel in
            tunnel.json(
                TunnelStatus(
                    isEnabled: tunnel.isEnabled, interface: tunnel.interface, owned: owned[tunnel.id],
                    fault: plane.faults.fault(of: tunnel.id, isEnabled: tunnel.isEnabled)),
                totals[tunnel.id] ?? Traffic())
        }
        return .list(items, next: page.next, total: page.total)
    }

    @Sendable func get(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let tunnel = try await plane.store.read { try $0.tunnel(id) }
        return .data(tunnel.json(try await status(of: tunnel), traffic(of: tunnel)), etag: tunnel.etag)
    }

    // MARK: Writing

    @Sendable func create(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let reader = try await context.body()
        let fields = TunnelFields(reader, .whole)
        fields.checkMTU(reader, current: nil)
        await fields.checkAddress(reader, current: nil, plane)
        let (name, address) = try reader.finish(fields.name.value, fields.address.value)
        let id = ObjectID.random()
        let key = try await seal(fields.privateKey.value, for: id)
        let author = context.author
        let (tunnel, warnings) = try await plane.write { transaction, helper in
            var tunnel = TunnelRecord(
                id: id, name: name, interface: try fields.interface.value ?? Self.freeInterface(transaction, helper),
                privateKey: key.secret, publicKey: key.publicKey,
                listenPort: try fields.listenPort.value ?? Self.freePort(transaction), address: address)
            fields.apply(to: &tunnel)
            tunnel.isEnabled = fields.enabled.value ?? false
            let stored = try transaction.insert(tunnel, by: author)
            if stored.isEnabled { try Self.start(stored, transaction, helper) }
            return (stored, Self.untranslated(stored, helper.filter))
        }
        return .created(
            tunnel.json(await statusAfterWrite(of: tunnel), traffic(of: tunnel)), location: TunnelRecord.location(id),
            etag: tunnel.etag, warnings: warnings)
    }

    @Sendable func put(_ context: APIContext) async throws -> Response { try await update(context, .whole) }

    @Sendable func patch(_ context: APIContext) async throws -> Response { try await update(context, .partial) }

    @Sendable func delete(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let author = context.author
        let conditions = context.conditions
        try await plane.write { transaction, helper in
            let tunnel = try transaction.tunnel(id)
            try conditions.permit(tunnel.etag)
            try transaction.deleteTunnel(id, by: author)
            try Self.stop(tunnel, transaction, helper)
        }
        return .message("Tunnel deleted")
    }

    @Sendable func start(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let author = context.author
        let tunnel = try await plane.write { transaction, helper in
            var tunnel = try transaction.tunnel(id)
            tunnel.isEnabled = true
            let stored = try transaction.update(tunnel, by: author, action: .start)
            try Self.start(stored, transaction, helper)
            return stored
        }
        plane.faults[id] = nil
        return .message("Tunnel started", etag: tunnel.etag)
    }

    @Sendable func stop(_ context: APIContext) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let author = context.author
        let tunnel = try await plane.write { transaction, helper in
            let former = try transaction.tunnel(id)
            var tunnel = former
            tunnel.isEnabled = false
            let stored = try transaction.update(tunnel, by: author, action: .stop)
            try Self.stop(former, transaction, helper)
            return stored
        }
        plane.faults[id] = nil
        return .message("Tunnel stopped", etag: tunnel.etag)
    }

    private func update(_ context: APIContext, _ completeness: TunnelFields.Completeness) async throws -> Response {
        try context.query.finish()
        let id = try context.id("id")
        let reader = try await context.body()
        let current = try await plane.store.read { try $0.tunnel(id) }
        try context.conditions.permit(current.etag)
        let fields = TunnelFields(reader, completeness)
        fields.checkMTU(reader, current: current)
        reader.refuseNull("interface", fields.interface)
        reader.refuseNull("listen_port", fields.listenPort)
        reader.refuseNull("private_key", fields.privateKey)
        await fields.checkAddress(reader, current: current, plane)
        try await readOnly(reader, current)
        try reader.finish()
        let key = try await fields.privateKey.value.asyncMap { try await seal($0, for: id) }
        let author = context.author
        let conditions = context.conditions
        let faults = plane.faults
        let (tunnel, isSettled, warnings) = try await plane.write { transaction, helper in
            let former = try transaction.tunnel(id)
            try conditions.permit(former.etag)
            var tunnel = former
            fields.apply(to: &tunnel)
            // The other of the two may have changed since they were looked at together.
            if let fault = TunnelFields.fault(of: tunnel.mtu, for: tunnel.address) { throw Problem.invalid([fault]) }
            if let key { (tunnel.privateKey, tunnel.publicKey) = (key.secret, key.publicKey) }
            tunnel.isEnabled = fields.enabled.value ?? former.isEnabled
            guard !(former.isEnabled && tunnel.isEnabled) || tunnel.interface == former.interface else {
                throw Problem(
                    .conflict, field: "interface",
                    "interface can be changed only while the tunnel is stopped; that of a running one would drop every session"
                )
            }
            let stored = try transaction.update(tunnel, by: author)
            let isFaulty = faults[id] != nil
            let isSettled: Bool
            switch (former.isEnabled, stored.isEnabled) {
            case (false, false): isSettled = false
            case (false, true):
                try Self.start(stored, transaction, helper)
                isSettled = true
            case (true, false):
                try Self.stop(former, transaction, helper)
                isSettled = true
            case (true, true): isSettled = try Self.change(former, to: stored, isFaulty, transaction, helper)
            }
            let warnings = try Self.warnings(former, stored, transaction) + Self.untranslated(stored, helper.filter)
            return (stored, isSettled, warnings)
        }
        if isSettled { plane.faults[id] = nil }
        return .data(
            tunnel.json(await statusAfterWrite(of: tunnel), traffic(of: tunnel)), etag: tunnel.etag, warnings: warnings)
    }

    // MARK: Parts

    /// Has the interface be there as the rows say, and then its rules; what is so already is left alone.
    private static func start(
        _ tunnel: TunnelRecord, _ transaction: WriteTransaction, _ helper: HelperWriter
    ) throws {
        let actual = try helper.read(tunnel: tunnel.id, interface: tunnel.interface)
        try helper.apply(plan(desired: try transaction.desired(tunnel, under: helper.rules), actual: actual))
        try helper.apply(transaction.ruleRequests(from: nil, to: tunnel).opening)
    }

    /// Has a running tunnel become another. Returns whether what could not be put right before is so now.
    private static func change(
        _ former: TunnelRecord, to tunnel: TunnelRecord, _ isFaulty: Bool, _ transaction: WriteTransaction,
        _ helper: HelperWriter
    ) throws -> Bool {
        let rules = transaction.ruleRequests(from: former, to: tunnel)
        let requests = try transaction.requests(from: former, to: tunnel, under: helper.rules)
        let all = rules.closing + requests + rules.opening
        guard isFaulty, !all.isEmpty else {
            try helper.apply(all)
            return false
        }
        // What the former row had may not be there, and the change may be what it waits for: another port, say.
        guard try helper.read(tunnel: tunnel.id, interface: tunnel.interface) != nil else {
            try helper.apply(rules.closing)
            try start(tunnel, transaction, helper)
            return true
        }
        try helper.apply(all)
        let actual = try helper.read(tunnel: tunnel.id, interface: tunnel.interface)
        return plan(desired: try transaction.desired(tunnel, under: helper.rules), actual: actual).isEmpty
    }

    /// Has the rules be gone, and then the interface. One that is not to be there needs no kernel.
    private static func stop(
        _ tunnel: TunnelRecord, _ transaction: WriteTransaction, _ helper: HelperWriter
    ) throws {
        guard tunnel.isEnabled else { return }
        try helper.apply(transaction.ruleRequests(from: tunnel, to: nil).closing)
        try helper.apply(plan(removing: .init(tunnel: tunnel.id, interface: tunnel.interface, isUp: true)))
    }

    private static func freeInterface(
        _ transaction: WriteTransaction, _ helper: HelperWriter
    ) throws -> TunnelInterface {
        var foreign: [TunnelInterface] = []
        while let interface = try transaction.nextFreeInterface(foreign: foreign) {
            guard try helper.isForeign(interface) else { return interface }
            foreign.append(interface)
        }
        throw Problem(.interfaceInUse, field: "interface", "all of wg0 to wg9999 are in use")
    }

    private static func freePort(_ transaction: WriteTransaction) throws -> Port {
        guard let port = try transaction.nextFreePort() else {
            throw Problem(.portInUse, field: "listen_port", "all ports from 51820 on are in use")
        }
        return port
    }

    /// What a change of the tunnel's own networks does to its peers is said, for it may be what was meant.
    private static func warnings(
        _ former: TunnelRecord, _ tunnel: TunnelRecord, _ transaction: WriteTransaction
    ) throws -> [String] {
        guard former.address != tunnel.address else { return [] }
        let networks = tunnel.address.networks
        var outside = 0
        try transaction.forEachPeer(of: tunnel.id) { peer in
            let had = peer.allowedIPs.elements.contains { prefix in
                former.address.networks.contains { $0.contains(prefix) }
            }
            let has = peer.allowedIPs.elements.contains { prefix in networks.contains { $0.contains(prefix) } }
            if had, !has { outside += 1 }
        }
        guard outside > 0 else { return [] }
        return ["\(outside) peer\(outside == 1 ? " has" : "s have") no address within \(tunnel.address) any more"]
    }

    /// What keeps `masquerade` from doing what it was set for.
    private static func untranslated(_ tunnel: TunnelRecord, _ filter: FilterBackend?) -> [String] {
        guard tunnel.masquerade else { return [] }
        let unfiltered =
            filter == FilterBackend.none
            ? ["masquerade: nothing translates addresses on this host, for the helper has no packet filter (--filter)"]
            : []
        return unfiltered
            + tunnel.address.families.filter { Forwarding.isOff($0) }.map { family in
                "masquerade: this host forwards no \(family) packets, so nothing gets from the tunnel to anywhere: set "
                    + Forwarding.setting(for: family)
            }
    }

    private func seal(_ given: SecretKey?, for id: ObjectID) async throws -> (
        secret: SealedSecret, publicKey: PublicKey
    ) {
        let answer = try await plane.reader.call(
            Seal([.init(object: id, class: .device, purpose: .wireguardPrivateKey, given: given?.secret)]))
        guard let sealed = answer.sealed.first, let publicKey = sealed.publicKey else {
            throw HelperError.unavailable("it sealed no key")
        }
        return (sealed.secret, publicKey)
    }

    /// The members that can be read and not set, for a client that sends back what it got.
    private func readOnly(_ reader: BodyReader, _ tunnel: TunnelRecord) async throws {
        // What is not the tunnel's own may have changed since the client read it: what could have been read is let pass.
        _ = reader.optional("status") { (json) throws(ValueError) in
            guard ["up", "down", "error"].contains(json.text) else {
                throw ValueError("can't be changed; leave it out")
            }
        }
        reader.ignored("status_detail")
        for name in ["peer_count", "transfer_rx", "transfer_tx"] { reader.ignored(name) }
        let shown = tunnel.json(.down, Traffic())
        for name in ["id", "public_key", "created_at", "updated_at"] {
            reader.readOnly(name, is: shown[name] ?? nil)
        }
    }

    /// What it has carried by the last observation; nothing for one that was not observed yet.
    private func traffic(of tunnel: TunnelRecord) -> Traffic {
        plane.ledger.total(ofTunnel: tunnel.id) ?? Traffic()
    }

    // MARK: Status

    private func status(of tunnel: TunnelRecord) async throws -> TunnelStatus {
        let owned = try await plane.reader.owner(of: tunnel.interface)
        return TunnelStatus(
            isEnabled: tunnel.isEnabled, interface: tunnel.interface,
            owned: owned?.tunnel == tunnel.id ? owned : nil,
            fault: plane.faults.fault(of: tunnel.id, isEnabled: tunnel.isEnabled))
    }

    /// The write is done, so it is answered even if the helper is gone meanwhile; but nothing is claimed of the kernel.
    private func statusAfterWrite(of tunnel: TunnelRecord) async -> TunnelStatus {
        do {
            return try await status(of: tunnel)
        } catch {
            return .error("not known: \(error)")
        }
    }
}

extension TunnelFields {
    /// Sets what was said; what was cleared becomes what it is when nothing is said.
    func apply(to tunnel: inout TunnelRecord) {
        tunnel.name = name.value ?? tunnel.name
        tunnel.interface = interface.value ?? tunnel.interface
        tunnel.listenPort = listenPort.value ?? tunnel.listenPort
        tunnel.address = address.value ?? tunnel.address
        tunnel.dns = dns.applied(to: tunnel.dns)
        tunnel.mtu = mtu.applied(to: tunnel.mtu) ?? .standard
        tunnel.listenInterface = listenInterface.applied(to: tunnel.listenInterface)
        tunnel.splitRoutes = splitRoutes.applied(to: tunnel.splitRoutes)
        tunnel.endpoint = endpoint.applied(to: tunnel.endpoint)
        tunnel.mark = mark.applied(to: tunnel.mark) ?? FirewallMark(validated: 0)
        tunnel.masquerade = masquerade.applied(to: tunnel.masquerade) ?? false
        tunnel.routes = routes.applied(to: tunnel.routes) ?? true
        tunnel.allowOverlap = allowOverlap.applied(to: tunnel.allowOverlap) ?? false
    }

    /// What the helper would refuse is said beforehand, in full; an address that the tunnel has already stays its own.
    func checkAddress(_ reader: BodyReader, current: TunnelRecord?, _ plane: ControlPlane) async {
        guard let address = address.value, address != current?.address else { return }
        let rules = await plane.rules(for: address.networks)
        for objection in rules.objections(to: address, replacing: current?.address) {
            reader.fault("address", objection)
        }
    }

    /// IPv6 needs an MTU of 1280 (RFC 8200, section 5).
    func checkMTU(_ reader: BodyReader, current: TunnelRecord?) {
        guard let address = address.value ?? current?.address else { return }
        let fault = Self.fault(of: mtu.applied(to: current?.mtu) ?? .standard, for: address)
        if let fault { reader.fault(fault.field, fault.detail) }
    }

    fileprivate static func fault(of mtu: MTU, for address: AddressList) -> Problem.Fault? {
        guard mtu.rawValue < address.minimumMTU else { return nil }
        return .init(
            field: "mtu", detail: "must be at least \(address.minimumMTU), for the tunnel has an IPv6 address")
    }
}

extension Optional {
    /// As `map`, for what has to be waited for.
    func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
