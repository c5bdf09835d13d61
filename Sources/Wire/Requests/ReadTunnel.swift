/// Reads a tunnel's interface and all its peers as they are now, without any key but public ones.
///
/// The answer comes in as many frames as it needs, from one consistent reading; all but the last say `more`.
public struct ReadTunnel: Verb {
    public static let kind = Request.Kind.readTunnel
    /// About how many bytes of routes and peers are put into one frame.
    public static let pageSize = 512 << 10

    public let tunnel: ObjectID
    public let interface: TunnelInterface

    public init(tunnel: ObjectID, interface: TunnelInterface) {
        self.tunnel = tunnel
        self.interface = interface
    }

    public var request: Request { .readTunnel(self) }

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

    public struct Answer: Message {
        /// In the first frame, if the interface is there; without it there is nothing else.
        public let link: TunnelState?
        /// The routes over the interface that carry our protocol number: all of them before the first peer.
        public let routes: [Prefix]
        public let peers: [PeerState]
        /// Whether another frame follows.
        public let more: Bool

        public init(link: TunnelState?, routes: [Prefix] = [], peers: [PeerState], more: Bool) {
            self.link = link
            self.routes = routes
            self.peers = peers
            self.more = more
        }

        public init(reader: inout MemberReader) throws(Refusal) {
            link = try reader.message("link")
            routes = try reader.list("routes", limit: Frame.maximumLength) ?? []
            peers = try reader.messages("peers", limit: Frame.maximumLength) ?? []
            more = try reader.required("more")
        }

        public var members: [JSON.Member] {
            MemberWriter { writer in
                writer.add("link", link?.json)
                writer.add("routes", routes)
                writer.add("peers", messages: peers)
                writer.add("more", more)
            }.members
        }
    }
}

/// A tunnel's interface as the kernel has it.
public struct TunnelState: Message, Equatable {
    /// The kernel's index of the interface.
    public let index: UInt64
    public let isUp: Bool
    public let mtu: UInt64
    public let addresses: [InterfaceAddress]
    /// Nil if the interface has no private key.
    public let publicKey: PublicKey?
    /// Nil if none is bound.
    public let listenPort: Port?
    public let mark: FirewallMark

    public init(
        index: UInt64, isUp: Bool, mtu: UInt64, addresses: [InterfaceAddress], publicKey: PublicKey?, listenPort: Port?,
        mark: FirewallMark
    ) {
        self.index = index
        self.isUp = isUp
        self.mtu = mtu
        self.addresses = addresses
        self.publicKey = publicKey
        self.listenPort = listenPort
        self.mark = mark
    }

    public init(reader: inout MemberReader) throws(Refusal) {
        index = try reader.required("index")
        isUp = try reader.required("up")
        mtu = try reader.required("mtu")
        addresses = try reader.list("addresses", limit: 4096) ?? []
        publicKey = try reader.optional("public_key")
        listenPort = try reader.optional("listen_port")
        mark = try reader.required("fwmark")
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("index", index)
            writer.add("up", isUp)
            writer.add("mtu", mtu)
            writer.add("addresses", addresses)
            writer.add("public_key", publicKey)
            writer.add("listen_port", listenPort)
            writer.add("fwmark", mark)
        }.members
    }
}

/// A peer as the interface has it.
public struct PeerState: Message, Equatable {
    public let publicKey: PublicKey
    /// Nil if it has no pre-shared key.
    public let presharedKey: SecretFingerprint?
    public let endpoint: Endpoint?
    public let allowedIPs: [Prefix]
    public let keepalive: Keepalive
    /// Seconds since 1970; 0 if there has been none.
    public let latestHandshake: UInt64
    /// Bytes received from it since the interface was made.
    public let received: UInt64
    /// Bytes sent to it since the interface was made.
    public let sent: UInt64

    public init(
        publicKey: PublicKey, presharedKey: SecretFingerprint?, endpoint: Endpoint?, allowedIPs: [Prefix],
        keepalive: Keepalive, latestHandshake: UInt64, received: UInt64, sent: UInt64
    ) {
        self.publicKey = publicKey
        self.presharedKey = presharedKey
        self.endpoint = endpoint
        self.allowedIPs = allowedIPs
        self.keepalive = keepalive
        self.latestHandshake = latestHandshake
        self.received = received
        self.sent = sent
    }

    public init(reader: inout MemberReader) throws(Refusal) {
        publicKey = try reader.required("public_key")
        presharedKey = try reader.optional("preshared_key")
        endpoint = try reader.optional("endpoint")
        allowedIPs = try reader.list("allowed_ips", limit: Frame.maximumLength) ?? []
        keepalive = try reader.required("persistent_keepalive")
        latestHandshake = try reader.required("latest_handshake")
        received = try reader.required("received")
        sent = try reader.required("sent")
    }

    public var members: [JSON.Member] {
        MemberWriter { writer in
            writer.add("public_key", publicKey)
            writer.add("preshared_key", presharedKey)
            writer.add("endpoint", endpoint)
            writer.add("allowed_ips", allowedIPs)
            writer.add("persistent_keepalive", keepalive)
            writer.add("latest_handshake", latestHandshake)
            writer.add("received", received)
            writer.add("sent", sent)
        }.members
    }
}
