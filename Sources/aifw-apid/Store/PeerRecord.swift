import Wire

/// A peer as it should be.
struct PeerRecord: Sendable, Equatable {
    let id: ObjectID
    let tunnel: ObjectID
    var name: ObjectName
    var publicKey: PublicKey
    /// Class `client`; nil if it was given a public key only, or is not to be kept.
    var privateKey: SealedSecret?
    /// Whether its keypair was made here, so that it can be made anew.
    var isKeyGenerated: Bool
    /// Class `client`, with what it is recognised by in the kernel's state.
    var presharedKey: SealedSymmetricKey?
    var endpoint: PeerEndpoint?
    var allowedIPs: AllowedIPs
    var clientRoutes: PrefixList?
    var keepalive = Keepalive(validated: 0)
    var isEnabled = true
    var expiresAt: Timestamp?
    /// Whether its allowed IPs may overlap another peer's.
    var allowOverlap = false

    /// Set by the store.
    private(set) var stamp = ObjectStamp.none

    init(
        id: ObjectID, tunnel: ObjectID, name: ObjectName, publicKey: PublicKey, privateKey: SealedSecret?,
        isKeyGenerated: Bool, allowedIPs: AllowedIPs
    ) {
        self.id = id
        self.tunnel = tunnel
        self.name = name
        self.publicKey = publicKey
        self.privateKey = privateKey
        self.isKeyGenerated = isKeyGenerated
        self.allowedIPs = allowedIPs
    }

    var object: AuditObject { AuditObject(kind: .peer, id: id, name: name) }

    /// All that it has, sealed.
    var secrets: [SealedSecret] { [privateKey, presharedKey?.secret].compactMap(\.self) }

    /// Whether the kernel should have it at that time.
    func isActive(at time: Timestamp) -> Bool { isEnabled && (expiresAt.map { time < $0 } ?? true) }
}

extension PeerRecord {
    /// The columns in the order in which ``init(row:)`` reads and ``arguments`` writes them.
    static let columns = [
        "id", "tunnel_id", "name", "public_key", "private_key", "key_generated", "preshared_key",
        "preshared_fingerprint", "endpoint", "allowed_ips", "client_routes", "keepalive", "enabled", "expires_at",
        "allow_overlap", "created_at", "updated_at", "revision",
    ]

    init(row: RowReader) throws {
        var row = row
        id = try row.id()
        tunnel = try row.id()
        name = try row.text()
        publicKey = try row.bytes(PublicKey.init(bytes:))
        privateKey = try row.optionalBytes(SealedSecret.init(bytes:))
        isKeyGenerated = try row.flag()
        presharedKey = try SealedSymmetricKey(row: &row)
        endpoint = try row.optionalText()
        allowedIPs = try row.text()
        clientRoutes = try row.optionalText()
        keepalive = try row.number { (number: Int) throws(ValueError) in try Keepalive(number) }
        isEnabled = try row.flag()
        expiresAt = try row.optionalTime()
        allowOverlap = try row.flag()
        stamp = try ObjectStamp(row: &row)
    }

    /// A value for each column.
    var arguments: [ColumnValue] {
        [
            .bytes(id.bytes), .bytes(tunnel.bytes), .text(name.description), .bytes(publicKey.bytes),
            .bytes(privateKey?.bytes), .flag(isKeyGenerated), .bytes(presharedKey?.secret.bytes),
            .bytes(presharedKey?.fingerprint.bytes), .text(endpoint), .text(allowedIPs.description),
            .text(clientRoutes),
            .integer(Int64(keepalive.rawValue)), .flag(isEnabled), .time(expiresAt), .flag(allowOverlap),
        ] + stamp.arguments
    }

    /// The same with what the store has kept of it.
    func stamped(_ stamp: ObjectStamp) -> PeerRecord {
        var record = self
        record.stamp = stamp
        return record
    }
}
