import Wire

/// Where the deliveries of a webhook go: `https://hooks.example.org/vpn`, or `http://`; with a port, a path and a query.
///
/// No user name, no password, no fragment. A host is a name or an address in its one strict form: what other programs read
/// as an address too (`2130706433`, `0x7f.1`, `0177.0.0.1`) is refused, so that what is checked is what is called.
struct WebhookURL: TextValue {
    enum Scheme: String, Sendable {
        case https, http

        var port: Port { Port(validated: self == .https ? 443 : 80) }
    }

    static let limit = 1024

    let scheme: Scheme
    let host: PublicEndpoint.Host
    let port: Port
    /// The path and the query as they were written; begins with a slash.
    let target: String

    init(_ text: String) throws(ValueError) {
        guard text.utf8.count <= Self.limit else { throw ValueError("must be \(Self.limit) bytes long at most") }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let scheme = Scheme(rawValue: parts[0].lowercased()), parts.count == 2, parts[1].hasPrefix("//") else {
            throw ValueError("must begin with https:// (or http://), such as https://hooks.example.org/vpn")
        }
        let rest = parts[1].dropFirst(2)
        guard !rest.contains("#") else { throw ValueError("must have no fragment (#…): no receiver is sent one") }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else {
            throw ValueError("must have no user name or password: a receiver knows a delivery by its signature")
        }
        let target = rest.dropFirst(authority.count)
        guard Self.isTarget(target) else {
            throw ValueError("must have a path and a query as RFC 3986 has them, everything else as %XX")
        }
        self.scheme = scheme
        (host, port) = try Self.place(String(authority), scheme)
        self.target = target.hasPrefix("/") ? String(target) : "/" + target
    }

    /// Nil where the host is an address.
    var name: HostName? {
        if case .name(let name) = host { name } else { nil }
    }

    /// Nil where the host is a name.
    var address: IPAddress? {
        if case .address(let address) = host { address } else { nil }
    }

    /// Its name is in lower case, and a port that goes without saying is left out.
    var description: String {
        let place = PublicEndpoint(host, port: port)
        let named = place.text(defaultPort: port)
        let bare = named.dropLast(port == scheme.port ? ":\(port)".count : 0)
        return "\(scheme.rawValue)://\(bare)\(target)"
    }

    private static func place(
        _ text: String, _ scheme: Scheme
    ) throws(ValueError) -> (PublicEndpoint.Host, Port) {
        // IPv6 without brackets could end in a port.
        let isBare = !text.hasPrefix("[") && (try? IPAddress(text))?.family == .v6
        guard !isBare, let place = try? PublicEndpoint(text.lowercased()), !isNumber(place.host) else {
            throw ValueError(
                "must have a host name or an address behind the slashes, an IPv6 address in brackets, and a port from 1 "
                    + "to 65535 if any: \(text.quoted)")
        }
        return (place.host, place.port ?? scheme.port)
    }

    /// Whether the C library might read it as an address (`0x7f000001`): its last label is a number, whatever its base.
    private static func isNumber(_ host: PublicEndpoint.Host) -> Bool {
        guard case .name(let name) = host, let last = name.description.split(separator: ".").last else { return false }
        return last.hasPrefix("0x") && last.dropFirst(2).allSatisfy(\.isHexDigit)
    }

    private static let allowed = Set("!$&'()*+,-./:;=?@_~".utf8)

    private static func isTarget(_ text: Substring) -> Bool {
        var escaped = 0
        for byte in text.utf8 {
            let isDigit = (0x30...0x39).contains(byte)
            let isHex = isDigit || (0x41...0x46).contains(byte & ~0x20)
            if escaped > 0 {
                guard isHex else { return false }
                escaped -= 1
            } else if byte == UInt8(ascii: "%") {
                escaped = 2
            } else {
                guard isDigit || (0x41...0x5A).contains(byte & ~0x20) || allowed.contains(byte) else { return false }
            }
        }
        return escaped == 0
    }
}
