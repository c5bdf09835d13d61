/// Reads what the host has, as far as the API daemon needs it: our tunnels' interfaces, names that others took, the
/// host's addresses, where its default route sends from; and what the helper allows, so that it need not be found out by
/// refusals.
///
/// A part of it costs about the same however many tunnels there are.
public struct Inventory: Verb {
    public static let kind = Request.Kind.inventory
    /// The most addresses and far ends that are listed, each; a host with more lists the first.
    public static let addressLimit = 1024

    public let scope: Scope

    /// What is asked about; of all else the answer says nothing, but what is allowed it always says.
    public enum Scope: Sendable, Equatable {
        case all
        /// Who has an interface of that name.
        case interface(TunnelInterface)
        /// Those of the host's addresses whose networks overlap any of these, at most ``Inventory/networkLimit``.
        case networks([Prefix])
    }

    public static let networkLimit = 64

    public init(_ scope: Scope = .all) { self.scope = scope }

    public var request: Request { .inventory(self) }

    public init(reader: inout MemberReader) throws(Refusal) {
        let interface: TunnelInterface? = try reader.optional("interface")
        let networks: [Prefix]? = try reader.list("networks", limit: Self.networkLimit)
        switch (interface, networks) {
        case (nil, nil): scope = .all
        case (let interface?, nil): scope = .interface(interface)
        case (nil, let networks?): scope = .networks(networks)
        case (_?, _?): throw Refusal(.malformed, "can't go with interface", field: reader.path("networks"))
        }
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            switch scope {
            case .all: break
            case .interface(let interface): writer.add("interface", interface)
            case .networks(let networks): writer.add("networks", networks)
            }
        }.members
    }

    public struct Answer: Message {
        public let tunnels: [Owned]
        /// Interfaces named like ours (`wgN`) that we did not make.
        public let foreign: [TunnelInterface]
        /// Addresses of all interfaces but our tunnels, with their networks.
        public let addresses: [InterfaceAddress]
        /// What lies at the other end of the host's point-to-point links.
        public let farEnds: [Prefix]
        /// The source address that the default route prefers, for each family that has a default route.
        public let defaultSources: [IPAddress]
        public let policy: NetworkPolicy

        public init(
            tunnels: [Owned], foreign: [TunnelInterface], addresses: [InterfaceAddress], farEnds: [Prefix],
            defaultSources: [IPAddress], policy: NetworkPolicy
        ) {
            self.tunnels = tunnels
            self.foreign = foreign
            self.addresses = addresses
            self.farEnds = farEnds
            self.defaultSources = defaultSources
            self.policy = policy
        }

        public init(reader: inout MemberReader) throws(Refusal) {
            tunnels = try reader.messages("tunnels", limit: TunnelInterface.count) ?? []
            foreign = try reader.list("foreign", limit: TunnelInterface.count) ?? []
            addresses = try reader.list("addresses", limit: Inventory.addressLimit) ?? []
            farEnds = try reader.list("far_ends", limit: Inventory.addressLimit) ?? []
            defaultSources = try reader.list("default_sources", limit: 2) ?? []
            guard let policy: NetworkPolicy = try reader.message("policy") else { throw reader.missing("policy") }
            self.policy = policy
        }

        public var members: [JSON.Member] {
            MemberWriter { writer in
                writer.add("tunnels", messages: tunnels)
                writer.add("foreign", foreign)
                writer.add("addresses", addresses)
                writer.add("far_ends", farEnds)
                writer.add("default_sources", defaultSources)
                writer.add("policy", policy.json)
            }.members
        }

        /// The host's own networks, which a tunnel may not take over.
        public var hostPrefixes: HostPrefixes {
            HostPrefixes(addresses.map(\.network) + farEnds, addresses: addresses.map(\.address))
        }
    }

    /// An interface that we made, by its alias.
    public struct Owned: Message, Equatable {
        public let tunnel: ObjectID
        public let interface: TunnelInterface
        public let isUp: Bool

        public init(tunnel: ObjectID, interface: TunnelInterface, isUp: Bool) {
            self.tunnel = tunnel
            self.interface = interface
            self.isUp = isUp
        }

        public init(reader: inout MemberReader) throws(Refusal) {
            tunnel = try reader.required("tunnel")
            interface = try reader.required("interface")
            isUp = try reader.required("up")
        }

        public var members: [JSON.Member] {
            MemberWriter { writer in
                writer.add("tunnel", tunnel)
                writer.add("interface", interface)
                writer.add("up", isUp)
            }.members
        }
    }
}

extension IPAddress.Family: CustomStringConvertible {
    public var description: String { self == .v4 ? "IPv4" : "IPv6" }
}
