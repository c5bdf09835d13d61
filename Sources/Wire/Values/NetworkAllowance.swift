/// What a policy file says of one use of networks; what it leaves out is nil.
public struct NetworkAllowance: Message, Equatable {
    /// A policy file that does not say anything of it.
    public static let standard = NetworkAllowance()
    /// The most networks in a list.
    public static let networkLimit = 64

    /// Where all of that use must lie. Nil leaves it to the built-in rules.
    public let networks: [Prefix]?
    public let limit: Limit?

    public init(networks: [Prefix]? = nil, limit: Limit? = nil) {
        self.networks = networks
        self.limit = limit
    }

    /// - Throws: also for a network that lies within a special one: to list it would promise what is refused anyway.
    public init(reader: inout MemberReader) throws(Refusal) {
        networks = try reader.list("networks", limit: Self.networkLimit)
        limit = try reader.optional("limit")
        for (index, network) in (networks ?? []).enumerated() {
            guard let objection = SpecialNetworks.objection(toPartOf: network, shown: network.description) else {
                continue
            }
            throw Refusal(.malformed, objection, field: "\(reader.path("networks"))[\(index)]")
        }
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("networks", networks)
            writer.add("limit", limit)
        }.members
    }

    /// How many there may be: 0…10,000,000.
    public struct Limit: NumberValue {
        public static let range: ClosedRange<UInt32> = 0...10_000_000
        public let rawValue: UInt32
        public init(validated: UInt32) { rawValue = validated }
    }
}
