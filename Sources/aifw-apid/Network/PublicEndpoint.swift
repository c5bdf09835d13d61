import Wire

/// Where clients reach a tunnel, as an operator writes it: a host name or an address, with a port or without one.
///
/// `vpn.example.org`, `vpn.example.org:443`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:443`. Without
/// a port the tunnel's own is meant.
struct PublicEndpoint: TextValue {
    enum Host: Hashable, Sendable {
        case name(HostName)
        case address(IPAddress)
    }

    let host: Host
    let port: Port?

    init(_ host: Host, port: Port? = nil) {
        self.host = host
        self.port = port
    }

    init(_ text: String) throws(ValueError) {
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]"),
                case let address = try IPAddress(String(text[text.index(after: text.startIndex)..<bracket])),
                address.family == .v6
            else { throw Self.wrong(text) }
            host = .address(try Self.usable(address))
            let rest = text[text.index(after: bracket)...]
            port = rest.isEmpty ? nil : try Self.port(rest, of: text)
        } else if let address = try? IPAddress(text) {
            host = .address(try Self.usable(address))
            port = nil
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            let name = String(text[..<colon])
            if let address = try? IPAddress(name) {
                host = .address(try Self.usable(address))
            } else {
                guard let name = try? HostName(name) else { throw Self.wrong(text) }
                host = .name(name)
            }
            port = colon == text.endIndex ? nil : try Self.port(text[colon...], of: text)
        }
    }

    /// The form that a client's `Endpoint` line needs, with `listenPort` where no port is said.
    func text(defaultPort: Port) -> String { "\(hostText(bracketed: true)):\(port ?? defaultPort)" }

    var description: String {
        guard let port else { return hostText(bracketed: false) }
        return "\(hostText(bracketed: true)):\(port)"
    }

    private func hostText(bracketed: Bool) -> String {
        switch host {
        case .name(let name): name.description
        case .address(let address): address.family == .v6 && bracketed ? "[\(address)]" : "\(address)"
        }
    }

    private static func usable(_ address: IPAddress) throws(ValueError) -> IPAddress {
        guard address.isUnicast else { throw ValueError("must be an address that a client can reach, not \(address)") }
        return address
    }

    /// - Parameter rest: the colon and what follows it.
    private static func port(_ rest: Substring, of text: String) throws(ValueError) -> Port {
        let digits = rest.dropFirst()
        guard rest.first == ":", (1...5).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), digits.first != "0", let number = Int(digits)
        else { throw wrong(text) }
        return try Port(number)
    }

    private static func wrong(_ text: String) -> ValueError {
        ValueError(
            "must be a host name or an address, with a port or without one, such as vpn.example.org, 192.0.2.1:51820 or"
                + " [2001:db8::1]:51820, not \(text.quoted)")
    }
}
