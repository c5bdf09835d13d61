internal import CLinux
internal import Glibc
internal import KernelMessages
internal import Wire

/// The host's kernel as the verbs need it: tunnels' interfaces with their addresses, peers and routes; IPsec; pass rules.
///
/// It touches only interfaces that it made itself, which it knows by their alias (``TunnelAlias``), routes of its own
/// protocol number, and associations and policies of its own request ids. It keeps no state: every call finds out anew
/// what is there.
struct Kernel {
    let links: Links
    let addresses: Addresses
    let routes: Routes
    let wireguard: any WireGuard
    let packetFilter: any PacketFilter
    let xfrm: Xfrm

    var backend: WireGuardBackend { wireguard.backend }

    init(
        route: Netlink, wireguard: any WireGuard, filter: any PacketFilter = NoPacketFilter(), xfrm: Xfrm = .none
    ) {
        links = Links(route)
        addresses = Addresses(route)
        routes = Routes(route)
        self.wireguard = wireguard
        packetFilter = filter
        self.xfrm = xfrm
    }

    /// The back end that is meant: `auto` is the kernel's WireGuard if there is one, which is found out without making
    /// anything, else wireguard-go.
    static func backend(for choice: BackendChoice) throws(Refusal) -> WireGuardBackend {
        switch choice {
        case .kernel: return .kernel
        case .userspace: return .userspace
        case .auto:
            let links = Links(try Netlink(bus: NETLINK_ROUTE))
            return try WireGuardKernel(links: links, generic: try Netlink(bus: NETLINK_GENERIC)) == nil
                ? .userspace : .kernel
        }
    }

    /// Opens what is needed of the kernel, before or after privileges are dropped: CAP_NET_ADMIN is enough.
    static func open(
        backend: WireGuardBackend, launcher: any WireGuardGoStarting, filter: any PacketFilter = NoPacketFilter()
    ) throws(Refusal) -> Kernel {
        let route = try Netlink(bus: NETLINK_ROUTE)
        let links = Links(route)
        let xfrm = try Xfrm.open()
        switch backend {
        case .userspace:
            let userspace = WireGuardUserspace(links: links, launcher: launcher)
            return Kernel(route: route, wireguard: userspace, filter: filter, xfrm: xfrm)
        case .kernel:
            guard let kernel = try WireGuardKernel(links: links, generic: try Netlink(bus: NETLINK_GENERIC)) else {
                throw Refusal(
                    .kernel, "this kernel has no WireGuard; load its module, or use --wireguard userspace",
                    errno: EOPNOTSUPP)
            }
            return Kernel(route: route, wireguard: kernel, filter: filter, xfrm: xfrm)
        }
    }

    // MARK: Whose interface it is

    /// What stands where a tunnel's interface should be.
    enum Standing {
        case missing
        /// Ours and in use.
        case running(Link)
        /// Ours, but nobody runs it, or the start of it was cut off: to be removed before it is made anew.
        case remnant(Link)
        /// Not that tunnel's: not to be touched, and nothing of the tunnel is there.
        case foreign(Link)
    }

    /// Looks at the interface.
    func standing(_ interface: TunnelInterface, of tunnel: ObjectID) throws(Refusal) -> Standing {
        guard let link = try links.find(interface.description) else { return .missing }
        guard link.tunnel == tunnel else {
            return wireguard.isLeftover(link) ? .remnant(link) : .foreign(link)
        }
        return try wireguard.runs(link) ? .running(link) : .remnant(link)
    }

    /// The refusal to change an interface that is not the tunnel's.
    func notOurs(_ link: Link) -> Refusal {
        let owner = link.tunnel.map { "it is that of tunnel \($0)" } ?? "it was not made by AiFw VPN"
        return Refusal(.notOurs, "\(link.name) exists and \(owner)", field: "interface")
    }

    func notFound(_ interface: TunnelInterface) -> Refusal {
        Refusal(.notFound, "\(interface) does not exist", field: "interface", errno: ENODEV)
    }
}
