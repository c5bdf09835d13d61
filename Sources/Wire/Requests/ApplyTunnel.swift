/// Makes a tunnel's interface be as said: made if it is missing, changed only where it differs, and up in the end.
///
/// What is left out stays as it is; absent is not zero. To make an interface that is missing, the helper needs `private_key`,
/// `listen_port`, `mtu` and `addresses`; without them it refuses with ``Refusal/Code/notFound``. If any step fails, an
/// interface that this request made is removed again and one that was there keeps its former settings.
public struct ApplyTunnel: Verb {
    public static let kind = Request.Kind.applyTunnel
    /// The most addresses of one interface.
    public static let addressLimit = 16

    public let tunnel: ObjectID
    public let interface: TunnelInterface
    /// Class `device`, purpose `wireguard-private-key`, object `tunnel`.
    public let privateKey: SealedSecret?
    public let listenPort: Port?
    /// 0 takes the mark away.
    public let mark: FirewallMark?
    public let mtu: MTU?
    /// All addresses of the interface: one that is not in the list is removed.
    public let addresses: [InterfaceAddress]?

    public init(
        tunnel: ObjectID, interface: TunnelInterface, privateKey: SealedSecret? = nil, listenPort: Port? = nil,
        mark: FirewallMark? = nil, mtu: MTU? = nil, addresses: [InterfaceAddress]? = nil
    ) {
        self.tunnel = tunnel
        self.interface = interface
        self.privateKey = privateKey
        self.listenPort = listenPort
        self.mark = mark
        self.mtu = mtu
        self.addresses = addresses
    }

    public var request: Request { .applyTunnel(self) }

    public init(reader: inout MemberReader) throws(Refusal) {
        tunnel = try reader.required("tunnel")
        interface = try reader.required("interface")
        privateKey = try reader.optional("private_key")
        listenPort = try reader.optional("listen_port")
        mark = try reader.optional("fwmark")
        mtu = try reader.optional("mtu")
        addresses = try reader.list("addresses", limit: Self.addressLimit)
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("tunnel", tunnel)
            writer.add("interface", interface)
            writer.add("private_key", privateKey)
            writer.add("listen_port", listenPort)
            writer.add("fwmark", mark)
            writer.add("mtu", mtu)
            writer.add("addresses", addresses)
        }.members
    }

    public struct Answer: Message {
        /// The kernel's index of the interface.
        public let index: UInt64

        public init(index: UInt64) { self.index = index }

        public init(reader: inout MemberReader) throws(Refusal) { index = try reader.required("index") }

        public var members: [JSON.Member] { MemberWriter { $0.add("index", index) }.members }
    }
}
