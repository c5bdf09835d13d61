/// A rule of the anchor `aifw-vpn`: one of these few shapes, and nothing else can be asked for. All but the last let
/// something through.
///
/// The helper renders it for the packet filter that the host has. No name that a user typed is in it; `owner` is the id of
/// the tunnel or association that it belongs to, from which labels are made.
public enum PassRule: Message, Hashable {
    /// UDP to the port that a tunnel listens on, coming in on one interface or on any.
    case listenPort(owner: ObjectID, port: Port, on: InterfaceName?)
    /// All traffic on a tunnel's interface, either way.
    case tunnelTraffic(owner: ObjectID, on: TunnelInterface)
    /// ESP or AH between the two gateways, either way.
    case protectedPackets(owner: ObjectID, IPsecProtocol, local: IPAddress, remote: IPAddress)
    /// IKE between the two gateways: UDP to ports 500 and 4500, either way.
    case keyExchange(owner: ObjectID, local: IPAddress, remote: IPAddress)
    /// What an association carries between two networks in tunnel mode, either way.
    case innerTraffic(owner: ObjectID, number: AssociationNumber, local: Prefix, remote: Prefix)
    /// What comes out of a tunnel, from one of its own networks, and leaves the host by no tunnel gets the address of the
    /// interface that it leaves by.
    case masquerade(owner: ObjectID, network: Prefix, on: TunnelInterface)

    /// The words by which the shapes are told apart, in frames and in the API.
    public enum Kind: String, WordValue, Hashable {
        case listenPort = "listen-port"
        case tunnelTraffic = "tunnel-traffic"
        case protectedPackets = "protected-packets"
        case keyExchange = "key-exchange"
        case innerTraffic = "inner-traffic"
        case masquerade
    }

    public var kind: Kind {
        switch self {
        case .listenPort: .listenPort
        case .tunnelTraffic: .tunnelTraffic
        case .protectedPackets: .protectedPackets
        case .keyExchange: .keyExchange
        case .innerTraffic: .innerTraffic
        case .masquerade: .masquerade
        }
    }

    public var owner: ObjectID {
        switch self {
        case .listenPort(let owner, _, _), .tunnelTraffic(let owner, _), .protectedPackets(let owner, _, _, _),
            .keyExchange(let owner, _, _), .innerTraffic(let owner, _, _, _), .masquerade(let owner, _, _):
            owner
        }
    }

    public init(reader: inout MemberReader) throws(Refusal) {
        let kind: Kind = try reader.required("kind")
        let owner: ObjectID = try reader.required("owner")
        switch kind {
        case .listenPort:
            self = .listenPort(owner: owner, port: try reader.required("port"), on: try reader.optional("interface"))
        case .tunnelTraffic: self = .tunnelTraffic(owner: owner, on: try reader.required("interface"))
        case .protectedPackets:
            let packets: IPsecProtocol = try reader.required("protocol")
            let (local, remote) = try Self.gateways(&reader)
            self = .protectedPackets(owner: owner, packets, local: local, remote: remote)
        case .keyExchange:
            let (local, remote) = try Self.gateways(&reader)
            self = .keyExchange(owner: owner, local: local, remote: remote)
        case .innerTraffic:
            let number: AssociationNumber = try reader.required("number")
            let local: Prefix = try reader.required("local")
            let remote: Prefix = try reader.required("remote")
            guard local.family == remote.family else {
                throw Refusal(.malformed, "must be of the family of local", field: reader.path("remote"))
            }
            self = .innerTraffic(owner: owner, number: number, local: local, remote: remote)
        case .masquerade:
            self = .masquerade(
                owner: owner, network: try reader.required("network"), on: try reader.required("interface"))
        }
    }

    private static func gateways(
        _ reader: inout MemberReader
    ) throws(Refusal) -> (local: IPAddress, remote: IPAddress) {
        let local: IPAddress = try reader.required("local")
        let remote: IPAddress = try reader.required("remote")
        guard local.family == remote.family else {
            throw Refusal(.malformed, "must be of the family of local", field: reader.path("remote"))
        }
        return (local, remote)
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("kind", kind)
            writer.add("owner", owner)
            switch self {
            case .listenPort(_, let port, let interface):
                writer.add("port", port)
                writer.add("interface", interface)
            case .tunnelTraffic(_, let interface): writer.add("interface", interface)
            case .protectedPackets(_, let packets, let local, let remote):
                writer.add("protocol", packets)
                writer.add("local", local)
                writer.add("remote", remote)
            case .keyExchange(_, let local, let remote):
                writer.add("local", local)
                writer.add("remote", remote)
            case .innerTraffic(_, let number, let local, let remote):
                writer.add("number", number)
                writer.add("local", local)
                writer.add("remote", remote)
            case .masquerade(_, let network, let interface):
                writer.add("network", network)
                writer.add("interface", interface)
            }
        }.members
    }
}
