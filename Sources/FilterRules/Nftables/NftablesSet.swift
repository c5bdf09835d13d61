internal import Wire

/// A set of table `inet aifw` whose elements are what rules are made of: the rules over it are constant.
public enum NftablesSet: String, CaseIterable, Sendable {
    /// UDP ports that tunnels listen on.
    case ports = "wg_ports"
    /// UDP ports that tunnels listen on, each on one interface.
    case portsOn = "wg_ports_on"
    /// Interfaces of tunnels.
    case interfaces = "wg_interfaces"
    /// Gateways of associations: the remote address, the local one, and the protocol between them; UDP is IKE.
    case gateways4
    case gateways6
    /// The associations in tunnel mode.
    case reqids

    /// One field of an element, with the form that the kernel has it in (nft(8), "Data types").
    enum Field {
        /// 16 bytes, filled up with NUL.
        case interface
        /// 2 bytes in network order.
        case port
        case address4
        case address6
        /// A protocol's number: 1 byte.
        case ipProtocol
        /// 4 bytes in the order of the host.
        case number

        var length: Int {
            switch self {
            case .interface, .address6: 16
            case .port: 2
            case .address4, .number: 4
            case .ipProtocol: 1
            }
        }
    }

    var fields: [Field] {
        switch self {
        case .ports: [.port]
        case .portsOn: [.interface, .port]
        case .interfaces: [.interface]
        case .gateways4: [.address4, .address4, .ipProtocol]
        case .gateways6: [.address6, .address6, .ipProtocol]
        case .reqids: [.number]
        }
    }

    /// What an element of it is, in the words of nft(8).
    var type: String {
        switch self {
        case .ports: "type inet_service"
        case .portsOn: "type ifname . inet_service"
        case .interfaces: "type ifname"
        case .gateways4: "type ipv4_addr . ipv4_addr . inet_proto"
        case .gateways6: "type ipv6_addr . ipv6_addr . inet_proto"
        case .reqids: "typeof ipsec in reqid"
        }
    }

    /// The bytes of an element's key: several fields are each filled up to a multiple of 4.
    public var keyLength: Int {
        guard fields.count > 1 else { return fields[0].length }
        return fields.reduce(0) { $0 + Self.room($1) }
    }

    /// The name of an element's part, from its key as the kernel has it; nil if it is none of this set's.
    public func part(ofKey key: [UInt8]) -> String? {
        guard key.count == keyLength else { return nil }
        var words: [String] = []
        var rest = key[...]
        for field in fields {
            guard let word = Self.word(field, rest.prefix(field.length)) else { return nil }
            words.append(word)
            rest = rest.dropFirst(Self.room(field))
        }
        return part(of: words)
    }

    func part(of words: [String]) -> String { "\(rawValue) \(words.joined(separator: " . "))" }

    private static func room(_ field: Field) -> Int { (field.length + 3) & ~3 }

    private static func word(_ field: Field, _ bytes: ArraySlice<UInt8>) -> String? {
        switch field {
        case .interface: try? InterfaceName(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)).description
        case .port: String(bytes.reduce(0) { $0 << 8 | Int($1) })
        case .address4, .address6: IPAddress(bytes: bytes)?.description
        case .ipProtocol: bytes.first.map { String($0) }
        case .number: String(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
        }
    }
}
