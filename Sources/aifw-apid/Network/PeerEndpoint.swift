import Wire

/// Where a peer is reached if it does not call first: an address and a port. Host names are refused, for nothing here
/// would notice when such a name moves.
struct PeerEndpoint: TextValue {
    let endpoint: Endpoint

    init(_ endpoint: Endpoint) { self.endpoint = endpoint }

    init(_ text: String) throws(ValueError) {
        // What would do for a tunnel is told apart from what is no endpoint at all.
        if let open = try? PublicEndpoint(text) {
            if case .name = open.host {
                throw ValueError("must be an address and a port; host names are not taken for peers: \(text.quoted)")
            }
            guard open.port != nil else {
                throw ValueError("must have a port, such as \(open.text(defaultPort: Self.usual))")
            }
        }
        let endpoint = try Endpoint(text)
        if let objection = NetworkPolicy.objection(toEndpoint: endpoint) { throw ValueError(objection) }
        self.endpoint = endpoint
    }

    var description: String { endpoint.description }

    private static let usual = Port(validated: 51820)
}
