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
    /// Networks of tunnels that are masqueraded, each where it comes from.
    case masquerade4
    case masquerade6

    /// Whether its elements need the chain that translates.
    public var isTranslated: Bool { self == .masquerade4 || self == .masquerade6 }

    /// One field of an element, with the form that the kernel has it in (nft(8), "Data types").
    enum Field {
        /// 16 bytes, filled up with NUL.
        case interface
        /// 2 bytes in network order.
        case port
        case address4
        case address6
        /// An address and the last one of its network, which is a key of its own.
        case network4
        case network6
        /// A protocol's number: 1 byte.
        case ipProtocol
        /// 4 bytes in the order of the host.
        case number

        var length: Int {
            switch self {
            case .interface, .address6, .network6: 16
            case .port: 2
            case .address4, .network4, .number: 4
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
        case .masquerade4: [.interface, .network4]
        case .masquerade6: [.interface, .network6]
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
        // Several tunnels may have one network or parts of it; with the interface none is in another's way.
        case .masquerade4: "type ifname . ipv4_addr; flags interval"
        case .masquerade6: "type ifname . ipv6_addr; flags interval"
        }
    }

    /// The most elements that it takes, so that nobody fills the kernel's memory with them: more than all tunnels and
    /// associations have.
    var size: Int {
        switch self {
        case .ports, .portsOn, .gateways4, .gateways6, .reqids: 65_536
        case .interfaces: 10_000
        // The sixteen addresses that each of them can have.
        case .masquerade4, .masquerade6: 160_000
        }
    }

    /// The bytes of an element's key: several fields are each filled up to a multiple of 4.
    public var keyLength: Int {
        guard fields.count > 1 else { return fields[0].length }
        return fields.reduce(0) { $0 + Self.room($1) }
    }

    /// The name of an element's part, from its key as the kernel has it; nil if it is none of this set's.
    ///
    /// - Parameter end: the last key that the element stands for; nil if it stands for one.
    public func part(ofKey key: [UInt8], to end: [UInt8]? = nil) -> String? {
        let end = end ?? key
        guard key.count == keyLength, end.count == keyLength else { return nil }
        var words: [String] = []
        var place = 0
        for field in fields {
            let bytes = place..<place + field.length
            guard let word = Self.word(field, key[bytes], end[bytes]) else { return nil }
            words.append(word)
            place += Self.room(field)
        }
        return part(of: words)
    }

    func part(of words: [String]) -> String { "\(rawValue) \(words.joined(separator: " . "))" }

    private static func room(_ field: Field) -> Int { (field.length + 3) & ~3 }

    private static func word(_ field: Field, _ bytes: ArraySlice<UInt8>, _ end: ArraySlice<UInt8>) -> String? {
        switch field {
        case .network4, .network6: network(from: IPAddress(bytes: bytes), to: IPAddress(bytes: end))
        // A range of anything else is none of ours, and must show.
        case _ where bytes != end:
            word(field, bytes, bytes).flatMap { first in word(field, end, end).map { "\(first)-\($0)" } }
        case .interface: try? InterfaceName(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)).description
        case .port: String(bytes.reduce(0) { $0 << 8 | Int($1) })
        case .address4, .address6: IPAddress(bytes: bytes)?.description
        case .ipProtocol: bytes.first.map { String($0) }
        case .number: String(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
        }
    }

    /// `10.0.0.0/24`, or `10.0.0.0-10.0.0.9` where the addresses are no network.
    private static func network(from first: IPAddress?, to last: IPAddress?) -> String? {
        guard let first, let last else { return nil }
        let width = first.family.width
        let same = width - (UInt128.bitWidth - (first.bits ^ last.bits).leadingZeroBitCount)
        let network = Prefix(masking: first, length: same)
        return network.address == first && network.last == last ? network.description : "\(first)-\(last)"
    }
}
