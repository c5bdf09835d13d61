internal import CLinux
internal import Glibc
internal import Wire

/// The host's network interfaces: read, made, changed and deleted by rtnetlink (rtnetlink(7), linux/if_link.h).
struct Links {
    private let netlink: Netlink

    init(_ netlink: Netlink) { self.netlink = netlink }

    /// The interface of that name; nil if there is none.
    func find(_ name: String) throws(Refusal) -> Link? {
        let message = NetlinkMessage(type: UInt16(RTM_GETLINK), familyHeader: ifinfomsg())
        message.put(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
        message.put(IFLA_IFNAME, text: name)
        var link: Link?
        do {
            try netlink.query(message, doing: "look for \(name)") { link = Link($0) ?? link }
        } catch let error where error.errno == ENODEV {
            return nil
        }
        return link
    }

    /// Every interface of the host.
    func all() throws(Refusal) -> [Link] {
        let message = NetlinkMessage(type: UInt16(RTM_GETLINK), familyHeader: ifinfomsg())
        message.put(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
        return try netlink.list(message, doing: "list the interfaces") { Link($0) }
    }

    /// Makes a WireGuard interface of the kernel.
    func makeWireGuard(_ name: String) throws(Refusal) {
        let message = NetlinkMessage(
            type: UInt16(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL, familyHeader: ifinfomsg())
        message.put(IFLA_IFNAME, text: name)
        message.nest(IFLA_LINKINFO) { message.put(IFLA_INFO_KIND, text: "wireguard") }
        try netlink.perform(message, doing: "make the interface \(name)")
    }

    /// Names a link and marks it as ours in one step.
    func set(_ link: Link, name: TunnelInterface, alias: String) throws(Refusal) {
        try change(link, doing: "name \(link.name) \(name)") { message in
            message.put(IFLA_IFNAME, text: name.description)
            message.put(IFLA_IFALIAS, text: alias)
        }
    }

    func set(_ link: Link, alias: String) throws(Refusal) {
        try change(link, doing: "mark \(link.name) as ours") { $0.put(IFLA_IFALIAS, text: alias) }
    }

    func set(_ link: Link, mtu: UInt32) throws(Refusal) {
        try change(link, doing: "set the MTU of \(link.name) to \(mtu)") { $0.put(IFLA_MTU, mtu) }
    }

    /// Has the kernel give the interface no link-local address by itself, as WireGuard's own driver does.
    ///
    /// A host without IPv6 has nothing to turn off.
    func disableGeneratedAddresses(_ link: Link) throws(Refusal) {
        do {
            try change(link, doing: "keep \(link.name) without a link-local address") { message in
                message.nest(IFLA_AF_SPEC) {
                    message.nest(Int(AF_INET6)) {
                        message.put(IFLA_INET6_ADDR_GEN_MODE, UInt8(IN6_ADDR_GEN_MODE_NONE.rawValue))
                    }
                }
            }
        } catch let error where error.errno == EAFNOSUPPORT || error.errno == EOPNOTSUPP {
            return
        }
    }

    func bringUp(_ link: Link) throws(Refusal) {
        var info = ifinfomsg()
        info.ifi_index = link.index
        info.ifi_flags = UInt32(IFF_UP)
        info.ifi_change = UInt32(IFF_UP)
        try netlink.perform(
            NetlinkMessage(type: UInt16(RTM_NEWLINK), familyHeader: info), doing: "bring \(link.name) up")
    }

    /// Deletes the interface with its addresses and routes; one that is gone is no error.
    func delete(_ link: Link) throws(Refusal) {
        var info = ifinfomsg()
        info.ifi_index = link.index
        do {
            try netlink.perform(
                NetlinkMessage(type: UInt16(RTM_DELLINK), familyHeader: info), doing: "delete \(link.name)")
        } catch let error where error.errno == ENODEV {
            return
        }
    }

    private func change(
        _ link: Link, doing: @autoclosure () -> String, _ body: (NetlinkMessage) -> Void
    ) throws(Refusal) {
        var info = ifinfomsg()
        info.ifi_index = link.index
        let message = NetlinkMessage(type: UInt16(RTM_NEWLINK), familyHeader: info)
        body(message)
        try netlink.perform(message, doing: doing())
    }
}
