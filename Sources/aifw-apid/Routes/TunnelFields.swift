import Wire

/// What a request says of a tunnel: every member that can be set, with what is left out told from what is cleared.
struct TunnelFields: Sendable {
    let name: Field<ObjectName>
    let interface: Field<TunnelInterface>
    let listenPort: Field<Port>
    let address: Field<AddressList>
    let dns: Field<DNSServers>
    let mtu: Field<MTU>
    let privateKey: Field<SecretKey>
    let listenInterface: Field<InterfaceName>
    let splitRoutes: Field<PrefixList>
    let endpoint: Field<PublicEndpoint>
    let mark: Field<FirewallMark>
    let masquerade: Field<Bool>
    let routes: Field<Bool>
    let enabled: Field<Bool>
    /// Whether the tunnel's networks may overlap those of another.
    let allowOverlap: Field<Bool>

    /// How much a request must say.
    enum Completeness {
        /// POST and PUT: name and address are needed.
        case whole
        /// PATCH: nothing is.
        case partial
    }

    /// Reads the members; ``BodyReader/finish()`` is the caller's.
    init(_ reader: BodyReader, _ completeness: Completeness) {
        switch completeness {
        case .whole:
            name = reader.required("name").map { .value($0) } ?? .absent
            address = reader.required("address").map { .value($0) } ?? .absent
        case .partial:
            name = reader.settable("name")
            address = reader.settable("address")
        }
        interface = reader.optional("interface")
        listenPort = reader.optional("listen_port")
        dns = reader.optional("dns", emptyClears: true)
        mtu = reader.optional("mtu")
        privateKey = reader.optional("private_key")
        listenInterface = reader.optional("listen_interface", emptyClears: true)
        splitRoutes = reader.optional("split_routes", emptyClears: true)
        endpoint = reader.optional("endpoint", emptyClears: true)
        mark = reader.optional("fwmark") { (json) throws(ValueError) in try FirewallMarkText(json: json).mark }
        masquerade = reader.optional("masquerade")
        routes = reader.optional("routes")
        enabled = reader.settable("enabled")
        allowOverlap = reader.optional("allow_overlap")
        reader.ignored("auto_generate_key")
    }
}

extension BodyReader {
    /// A member that may be left out, but that is always something: null is a fault.
    func settable<Value: WireValue>(_ name: String, as type: Value.Type = Value.self) -> Field<Value> {
        let field: Field<Value> = optional(name)
        refuseNull(name, field)
        return field
    }

    /// Makes null a fault where there is nothing that it could clear.
    func refuseNull<Value>(_ name: String, _ field: Field<Value>) {
        if case .null = field { fault(name, "must not be null") }
    }
}
