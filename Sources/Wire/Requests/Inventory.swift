/// Reads what the host has, as far as the API daemon needs it: our tunnels' interfaces, names that others took, the
/// host's addresses, and where its default route sends from.
public struct Inventory: Verb, EmptyMessage {
    public static let kind = Request.Kind.inventory
    /// The most addresses that are listed; a host with more lists the first.
    public static let addressLimit = 4096

    public init() {}

    public var request: Request { .inventory(self) }

    public struct Answer: Message {
        public let tunnels: [Owned]
        /// Interfaces named like ours (`wgN`) that we did not make.
        public let foreign: [TunnelInterface]
        /// Addresses of all interfaces but our tunnels.
        public let addresses: [IPAddress]
        /// The source address that the default route prefers, for each family that has a default route.
        public let defaultSources: [IPAddress]

        public init(tunnels: [Owned], foreign: [TunnelInterface], addresses: [IPAddress], defaultSources: [IPAddress]) {
            self.tunnels = tunnels
            self.foreign = foreign
            self.addresses = addresses
            self.defaultSources = defaultSources
        }

        public init(reader: inout MemberReader) throws(Refusal) {
            tunnels = try reader.messages("tunnels", limit: TunnelInterface.count) ?? []
            foreign = try reader.list("foreign", limit: TunnelInterface.count) ?? []
            addresses = try reader.list("addresses", limit: Inventory.addressLimit) ?? []
            defaultSources = try reader.list("default_sources", limit: 2) ?? []
        }

        public var members: [JSON.Member] {
            MemberWriter { writer in
                writer.add("tunnels", messages: tunnels)
                writer.add("foreign", foreign)
                writer.add("addresses", addresses)
                writer.add("default_sources", defaultSources)
            }.members
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
