internal import CLinux
internal import Glibc
package import Wire

/// A network interface as rtnetlink describes it.
package struct Link: Equatable {
    package let index: Int32
    package let name: String
    package let alias: String?
    /// The driver's name for it, such as `wireguard` or `tun`; nil for hardware.
    package let kind: String?
    package let mtu: UInt32
    package let isUp: Bool

    package init(index: Int32, name: String, alias: String?, kind: String?, mtu: UInt32, isUp: Bool) {
        self.index = index
        self.name = name
        self.alias = alias
        self.kind = kind
        self.mtu = mtu
        self.isUp = isUp
    }

    /// Reads an `RTM_NEWLINK`; nil if it is none or lacks what every link has.
    package init?(_ reply: NetlinkReply) {
        guard reply.type == RTM_NEWLINK, let info = reply.familyHeader(as: ifinfomsg.self) else { return nil }
        var name: String?
        var alias: String?
        var kind: String?
        var mtu: UInt32 = 0
        for attribute in reply.attributes(after: ifinfomsg.self) {
            switch attribute.type {
            case IFLA_IFNAME: name = attribute.text
            case IFLA_IFALIAS: alias = attribute.text
            case IFLA_MTU: mtu = attribute.integer() ?? 0
            case IFLA_LINKINFO: kind = attribute.nested.first { $0.type == IFLA_INFO_KIND }?.text
            default: continue
            }
        }
        guard let name else { return nil }
        self.init(
            index: info.ifi_index, name: name, alias: alias, kind: kind, mtu: mtu,
            isUp: info.ifi_flags & UInt32(IFF_UP) != 0)
    }

    /// The tunnel that it was made for by us; nil if it was not.
    package var tunnel: ObjectID? { TunnelAlias.tunnel(alias) }
}
