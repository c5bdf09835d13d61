import Wire

/// Where a peer is reached if it does not call first: an address or a host name, and a port.
///
/// A name stays as it was written. Which address it has is found out while it is needed, again and again; that is never
/// stored.
struct PeerEndpoint: TextValue {
    let host: PublicEndpoint.Host
    let port: Port

    init(_ text: String) throws(ValueError) {
        // What would do for a tunnel is told apart from what is no endpoint at all.
        if let open = try? PublicEndpoint(text) {
            guard let port = open.port else {
                throw ValueError("must have a port, such as \(open.text(defaultPort: Self.usual))")
            }
            if case .name = open.host {
                (host, self.port) = (open.host, port)
                return
            }
        }
        guard let endpoint = try? Endpoint(text) else {
            throw ValueError(
                "must be a host name or an address, with a port, such as vpn.example.org:51820, 192.0.2.1:51820 or"
                    + " [2001:db8::1]:51820, not \(text.quoted)")
        }
        if let objection = NetworkPolicy.objection(toEndpoint: endpoint) { throw ValueError(objection) }
        (host, port) = (.address(endpoint.address), endpoint.port)
    }

    /// Nil where it is a name.
    var endpoint: Endpoint? {
        switch host {
        case .address(let address): Endpoint(address, port)
        case .name: nil
        }
    }

    /// Nil where it is an address.
    var name: HostName? {
        switch host {
        case .address: nil
        case .name(let name): name
        }
    }

    var description: String {
        switch host {
        case .address(let address): Endpoint(address, port).description
        case .name(let name): "\(name):\(port)"
        }
    }

    private static let usual = Port(validated: 51820)
}
