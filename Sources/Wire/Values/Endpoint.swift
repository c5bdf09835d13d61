/// Where a WireGuard peer is reached: an address and a UDP port, `192.0.2.1:51820` or `[2001:db8::1]:51820`.
///
/// A name is resolved by the API daemon; the helper never sees one.
public struct Endpoint: TextValue {
    public let address: IPAddress
    public let port: Port

    public init(_ address: IPAddress, _ port: Port) {
        self.address = address
        self.port = port
    }

    public init(_ text: String) throws(ValueError) {
        guard let colon = text.lastIndex(of: ":") else { throw Self.wrong(text) }
        let host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.utf8.count == 1 || !digits.hasPrefix("0"), let number = Int(digits)
        else { throw Self.wrong(text) }
        port = try Port(number)
        if host.hasPrefix("["), host.hasSuffix("]") {
            address = try IPAddress(String(host.dropFirst().dropLast()))
            guard address.family == .v6 else { throw Self.wrong(text) }
        } else {
            guard !host.contains(":") else { throw Self.wrong(text) }
            address = try IPAddress(String(host))
        }
    }

    public var description: String {
        address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }

    private static func wrong(_ text: String) -> ValueError {
        ValueError("must be address:port, such as 192.0.2.1:51820 or [2001:db8::1]:51820, not \(text.quoted)")
    }
}
