import Wire

/// A client's configuration file in the form that wg-quick(8) and every WireGuard app import.
///
/// Everything in it is a value that was checked when it came in, so that nothing can add a line. It holds the private key:
/// it is written into memory that is wiped, and never becomes a `String`.
struct ClientConfiguration: Sendable {
    let privateKey: SecretKey
    let presharedKey: SecretKey?
    let allowedIPs: AllowedIPs
    /// The peer's own routes for a split tunnel; they take the place of the tunnel's.
    let clientRoutes: PrefixList?
    let keepalive: Keepalive?
    let tunnelKey: PublicKey
    let tunnelAddresses: AddressList
    let splitRoutes: PrefixList?
    let dns: DNSServers?
    let mtu: MTU
    let endpoint: PublicEndpoint
    let listenPort: Port

    /// Which traffic goes through the tunnel.
    enum Extent: Sendable, CaseIterable {
        /// All of it.
        case full
        /// That to the routes that are set, else that to the tunnel's own networks.
        case split
    }

    /// The file's bytes.
    func text(_ extent: Extent) -> Bytes {
        let text = Bytes(capacity: 1024)
        text.append("[Interface]\nPrivateKey = ")
        privateKey.base64.withUnsafeBytes { text.append($0) }
        let addresses = clientAddresses
        if !addresses.isEmpty { Self.line("Address", addresses, to: text) }
        if let dns { Self.line("DNS", dns.elements, to: text) }
        Self.line("MTU", [mtu], to: text)
        text.append("\n\n[Peer]")
        Self.line("PublicKey", [tunnelKey], to: text)
        if let presharedKey {
            text.append("\nPresharedKey = ")
            presharedKey.base64.withUnsafeBytes { text.append($0) }
        }
        Self.line("Endpoint", [endpoint.text(defaultPort: listenPort)], to: text)
        Self.line("AllowedIPs", routes(extent), to: text)
        if let keepalive, keepalive.rawValue > 0 { Self.line("PersistentKeepalive", [keepalive], to: text) }
        text.append("\n")
        return text
    }

    /// The addresses of the client's interface, each as /32 or /128, by family.
    ///
    /// They are the allowed IPs that are single addresses within the tunnel's networks, for wider ones are networks behind
    /// the peer. Failing those, single addresses anywhere; failing those too, the first usable address of each
    /// network within the tunnel's. A peer with networks elsewhere only has none: it sends from what it has already.
    var clientAddresses: [Prefix] {
        IPAddress.Family.allCases.flatMap { family in
            let prefixes = allowedIPs.elements.filter { $0.family == family }
            let hosts = prefixes.filter(\.isHost)
            let inside = hosts.filter(isInside)
            guard inside.isEmpty else { return inside }
            guard hosts.isEmpty else { return hosts }
            return prefixes.filter(isInside).compactMap { prefix in
                AddressPool(prefix, own: tunnelAddresses.addresses).lowestFree(used: []).map(Prefix.init(host:))
            }
        }
    }

    private func isInside(_ prefix: Prefix) -> Bool { tunnelAddresses.networks.contains { $0.contains(prefix) } }

    /// `::/0` only where the tunnel has IPv6: otherwise the client's own IPv6 would be cut off.
    private func routes(_ extent: Extent) -> [Prefix] {
        switch extent {
        case .full:
            let all = IPAddress.Family.allCases.filter { $0 == .v4 || tunnelAddresses.families.contains($0) }
            return all.map { Prefix(masking: IPAddress($0, bits: 0), length: 0) }
        case .split:
            return (clientRoutes ?? splitRoutes)?.elements ?? tunnelAddresses.networks
        }
    }

    private static func line(_ name: StaticString, _ values: [some CustomStringConvertible], to text: Bytes) {
        text.append("\n")
        text.append(name)
        text.append(" = ")
        text.append(values.map(\.description).joined(separator: ", ").utf8)
    }
}
