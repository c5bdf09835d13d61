/// Removes a tunnel's interface with its peers, addresses and routes; answers after the kernel has let go of it and its
/// port is free. One that is not there is no error; one that is not that tunnel's stays as it is, for nothing of the tunnel
/// is there.
public struct RemoveTunnel: Verb {
    public static let kind = Request.Kind.removeTunnel

    public let tunnel: ObjectID
    public let interface: TunnelInterface

    public init(tunnel: ObjectID, interface: TunnelInterface) {
        self.tunnel = tunnel
        self.interface = interface
    }

    public var request: Request { .removeTunnel(self) }

    public init(reader: inout MemberReader) throws(Refusal) {
        tunnel = try reader.required("tunnel")
        interface = try reader.required("interface")
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("tunnel", tunnel)
            writer.add("interface", interface)
        }.members
    }

    public struct Answer: EmptyMessage {
        public init() {}
    }
}
