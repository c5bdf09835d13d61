/// Removes and changes peers of a running tunnel, and the routes to what lies behind them. No other peer is touched.
///
/// First the peers in `remove` go, then those in `set` are made or changed, in one message to the interface; then routes
/// are removed and added. Peers and routes that are gone already, or there already, are no error. If the kernel refuses the
/// peers, routes are left alone; what was applied before the refusal may stay and is put right by the caller.
public struct ApplyPeers: Verb {
    public static let kind = Request.Kind.applyPeers
    /// The most peers of one request, removed and set together.
    public static let peerLimit = 256
    /// The most allowed IPs of one request, over all its peers.
    public static let prefixLimit = 4096
    /// The most routes of one request, removed and added each.
    public static let routeLimit = 4096

    public let tunnel: ObjectID
    public let interface: TunnelInterface
    public let remove: [PublicKey]
    public let set: [PeerChange]
    public let removeRoutes: [Prefix]
    public let addRoutes: [Prefix]

    public init(
        tunnel: ObjectID, interface: TunnelInterface, remove: [PublicKey] = [], set: [PeerChange] = [],
        removeRoutes: [Prefix] = [], addRoutes: [Prefix] = []
    ) {
        self.tunnel = tunnel
        self.interface = interface
        self.remove = remove
        self.set = set
        self.removeRoutes = removeRoutes
        self.addRoutes = addRoutes
    }

    public var request: Request { .applyPeers(self) }

    public init(reader: inout MemberReader) throws(Refusal) {
        tunnel = try reader.required("tunnel")
        interface = try reader.required("interface")
        remove = try reader.list("remove", limit: Self.peerLimit) ?? []
        set = try reader.messages("set", limit: Self.peerLimit) ?? []
        removeRoutes = try reader.list("remove_routes", limit: Self.routeLimit) ?? []
        addRoutes = try reader.list("add_routes", limit: Self.routeLimit) ?? []
        guard remove.count + set.count <= Self.peerLimit else {
            throw Refusal(.limit, "at most \(Self.peerLimit) peers are removed and set in one request", field: "set")
        }
        guard set.reduce(0, { $0 + ($1.allowedIPs?.count ?? 0) }) <= Self.prefixLimit else {
            throw Refusal(.limit, "at most \(Self.prefixLimit) allowed IPs are set in one request", field: "set")
        }
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("tunnel", tunnel)
            writer.add("interface", interface)
            if !remove.isEmpty { writer.add("remove", remove) }
            if !set.isEmpty { writer.add("set", messages: set) }
            if !removeRoutes.isEmpty { writer.add("remove_routes", removeRoutes) }
            if !addRoutes.isEmpty { writer.add("add_routes", addRoutes) }
        }.members
    }

    public struct Answer: EmptyMessage {
        public init() {}
    }
}

/// What is to change of one peer, which is made if it is not there. What is left out stays as it is.
public struct PeerChange: Message, Equatable {
    public let publicKey: PublicKey
    /// Left out: stays. Null: none from now on. Else class `client`, purpose `wireguard-preshared-key`.
    public let presharedKey: SealedReference??
    public let endpoint: Endpoint?
    /// All allowed IPs of the peer: one that is not in the list is taken from it.
    public let allowedIPs: [Prefix]?
    /// 0 turns it off.
    public let keepalive: Keepalive?

    public init(
        publicKey: PublicKey, presharedKey: SealedReference?? = nil, endpoint: Endpoint? = nil,
        allowedIPs: [Prefix]? = nil, keepalive: Keepalive? = nil
    ) {
        self.publicKey = publicKey
        self.presharedKey = presharedKey
        self.endpoint = endpoint
        self.allowedIPs = allowedIPs
        self.keepalive = keepalive
    }

    public init(reader: inout MemberReader) throws(Refusal) {
        publicKey = try reader.required("public_key")
        switch reader.take("preshared_key") {
        case nil: presharedKey = .none
        case .null?: presharedKey = .some(nil)
        case let json?:
            presharedKey = .some(try SealedReference(json: json, path: reader.path("preshared_key")))
        }
        endpoint = try reader.optional("endpoint")
        allowedIPs = try reader.list("allowed_ips", limit: ApplyPeers.prefixLimit)
        keepalive = try reader.optional("persistent_keepalive")
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("public_key", publicKey)
            if let presharedKey { writer.add("preshared_key", presharedKey?.json ?? .null) }
            writer.add("endpoint", endpoint)
            writer.add("allowed_ips", allowedIPs)
            writer.add("persistent_keepalive", keepalive)
        }.members
    }
}
