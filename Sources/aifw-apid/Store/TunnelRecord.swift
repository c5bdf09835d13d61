import Wire

/// A tunnel as it should be.
struct TunnelRecord: Sendable, Equatable {
    let id: ObjectID
    var name: ObjectName
    var interface: TunnelInterface
    /// Class `device`; its object is this tunnel.
    var privateKey: SealedSecret
    var publicKey: PublicKey
    var listenPort: Port
    var address: AddressList
    var dns: DNSServers?
    var mtu = MTU.standard
    var listenInterface: InterfaceName?
    var splitRoutes: PrefixList?
    var endpoint: PublicEndpoint?
    var mark = FirewallMark(validated: 0)
    var masquerade = false
    /// Whether routes for allowed IPs are installed.
    var routes = true
    /// Whether its networks may overlap another tunnel's.
    var allowOverlap = false
    /// What the operator wants; what the kernel says is never stored.
    var isEnabled = false

    /// Set by the store.
    private(set) var stamp = ObjectStamp.none
    /// How many peers it has; kept by the store.
    private(set) var peerCount = 0

    init(
        id: ObjectID, name: ObjectName, interface: TunnelInterface, privateKey: SealedSecret, publicKey: PublicKey,
        listenPort: Port, address: AddressList
    ) {
        self.id = id
        self.name = name
        self.interface = interface
        self.privateKey = privateKey
        self.publicKey = publicKey
        self.listenPort = listenPort
        self.address = address
    }

    /// How the log and other objects' refusals name it.
    var object: AuditObject { AuditObject(kind: .tunnel, id: id, name: name) }

    /// Which routes its interface needs.
    func tunnelRoutes(under rules: NetworkRules) -> TunnelRoutes {
        TunnelRoutes(networks: address.networks, areWanted: routes, rules: rules)
    }
}

extension TunnelRecord {
    /// The columns in the order in which ``init(row:)`` reads and ``arguments`` writes them.
    static let columns = [
        "id", "name", "interface", "public_key", "private_key", "listen_port", "address", "dns", "mtu",
        "listen_interface",
        "split_routes", "endpoint", "fwmark", "masquerade", "routes", "allow_overlap", "enabled", "created_at",
        "updated_at", "revision", "peer_count",
    ]

    init(row: RowReader) throws {
        var row = row
        id = try row.id()
        name = try row.text()
        interface = try row.number { (number: Int) throws(ValueError) in try TunnelInterface(number: number) }
        publicKey = try row.bytes(PublicKey.init(bytes:))
        privateKey = try row.bytes(SealedSecret.init(bytes:))
        listenPort = try row.number { (number: Int) throws(ValueError) in try Port(number) }
        address = try row.text()
        dns = try row.optionalText()
        mtu = try row.number { (number: Int) throws(ValueError) in try MTU(number) }
        listenInterface = try row.optionalText()
        splitRoutes = try row.optionalText()
        endpoint = try row.optionalText()
        mark = try row.number { (number: Int) throws(ValueError) in try FirewallMark(number) }
        masquerade = try row.flag()
        routes = try row.flag()
        allowOverlap = try row.flag()
        isEnabled = try row.flag()
        stamp = try ObjectStamp(row: &row)
        peerCount = try row.number { (number: Int) throws(ValueError) in number }
    }

    /// A value for each column but the last, which is kept by the store alone.
    var arguments: [ColumnValue] {
        [
            .bytes(id.bytes), .text(name.description), .integer(Int64(interface.number)), .bytes(publicKey.bytes),
            .bytes(privateKey.bytes), .integer(Int64(listenPort.rawValue)), .text(address.description), .text(dns),
            .integer(Int64(mtu.rawValue)), .text(listenInterface), .text(splitRoutes), .text(endpoint),
            .integer(Int64(mark.rawValue)), .flag(masquerade), .flag(routes), .flag(allowOverlap), .flag(isEnabled),
        ] + stamp.arguments
    }

    /// The same with what the store has kept of it.
    func stamped(_ stamp: ObjectStamp, peerCount: Int) -> TunnelRecord {
        var record = self
        record.stamp = stamp
        record.peerCount = peerCount
        return record
    }
}
