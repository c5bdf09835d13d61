/// A policy: which packets an association protects (RFC 4301, section 4.4.1).
public struct SecurityPolicy: Message, Equatable {
    public let key: SecurityPolicyKey
    /// The gateways, in the direction of the packets; the two ends themselves in transport mode.
    public let from: IPAddress
    public let to: IPAddress
    public let mode: IPsecMode
    /// What is put on a packet, in this order: ESP, AH, or ESP and then AH. AH on top of ESP is always in transport mode.
    public let protocols: [IPsecProtocol]

    /// What ``protocols`` can be.
    public static let bundles: [[IPsecProtocol]] = [[.esp], [.ah], [.esp, .ah]]

    public init(
        key: SecurityPolicyKey, from: IPAddress, to: IPAddress, mode: IPsecMode, protocols: [IPsecProtocol]
    ) {
        self.key = key
        self.from = from
        self.to = to
        self.mode = mode
        self.protocols = protocols
    }

    /// The gateway at the far end.
    public var remoteGateway: IPAddress { key.direction == .out ? to : from }

    public init(reader: inout MemberReader) throws(Refusal) {
        key = try SecurityPolicyKey(reader: &reader)
        from = try reader.required("from")
        to = try reader.required("to")
        guard from.family == to.family else {
            throw Refusal(.malformed, "must be of the family of from", field: reader.path("to"))
        }
        mode = try reader.required("mode")
        protocols = try reader.list("protocols", limit: 2) ?? []
        guard Self.bundles.contains(protocols) else {
            throw Refusal(.malformed, "must be esp, ah, or esp and ah", field: reader.path("protocols"))
        }
    }

    public var members: [JSON.Member] {
        key.members
            + MemberWriter { writer in
                writer.add("from", from)
                writer.add("to", to)
                writer.add("mode", mode)
                writer.add("protocols", protocols)
            }.members
    }
}

/// What the kernel finds a policy by: direction and selector, and whose it must be.
public struct SecurityPolicyKey: Message, Hashable {
    /// The kernel's three lists of policies (linux/xfrm.h, `XFRM_POLICY_…`).
    public enum Direction: String, WordValue, Hashable {
        /// What is for this host.
        case `in`
        /// What leaves it, made here or forwarded.
        case out
        /// What came in protected and is forwarded.
        case forward
    }

    public let number: AssociationNumber
    public let direction: Direction
    public let source: Prefix
    public let destination: Prefix

    public init(number: AssociationNumber, direction: Direction, source: Prefix, destination: Prefix) {
        self.number = number
        self.direction = direction
        self.source = source
        self.destination = destination
    }

    public init(reader: inout MemberReader) throws(Refusal) {
        number = try reader.required("number")
        direction = try reader.required("direction")
        source = try reader.required("source")
        destination = try reader.required("destination")
        guard source.family == destination.family else {
            throw Refusal(.malformed, "must be of the family of source", field: reader.path("destination"))
        }
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("number", number)
            writer.add("direction", direction)
            writer.add("source", source)
            writer.add("destination", destination)
        }.members
    }

    /// The network at the far end: what the policy diverts traffic to, or takes it from.
    public var remote: Prefix { direction == .out ? destination : source }
    /// The network on this side.
    public var local: Prefix { direction == .out ? source : destination }
}
