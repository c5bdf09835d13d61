internal import CLinux
internal import Glibc

/// The messages about network interfaces (rtnetlink(7), linux/if_link.h); ``Link`` reads their answers.
package enum LinkMessages {
    /// Asks for the interface of that name; ENODEV is the answer if there is none.
    package static func find(_ name: String) -> NetlinkMessage {
        let message = list()
        message.put(IFLA_IFNAME, text: name)
        return message
    }

    /// Asks for the interface of that index, from 1; ENODEV is the answer if there is none.
    package static func find(index: Int32) -> NetlinkMessage { question(index) }

    /// Asks for every interface.
    package static func list() -> NetlinkMessage { question(0) }

    private static func question(_ index: Int32) -> NetlinkMessage {
        var info = ifinfomsg()
        info.ifi_index = index
        let message = NetlinkMessage(type: UInt16(RTM_GETLINK), familyHeader: info)
        message.put(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
        return message
    }

    /// Makes a WireGuard interface of the kernel.
    package static func makeWireGuard(_ name: String) -> NetlinkMessage {
        let message = NetlinkMessage(
            type: UInt16(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL, familyHeader: ifinfomsg())
        message.put(IFLA_IFNAME, text: name)
        message.nest(IFLA_LINKINFO) { message.put(IFLA_INFO_KIND, text: "wireguard") }
        return message
    }

    /// Changes what is not nil, in one step.
    package static func change(
        _ link: Link, name: String? = nil, alias: String? = nil, mtu: UInt32? = nil
    ) -> NetlinkMessage {
        let message = message(RTM_NEWLINK, link)
        if let name { message.put(IFLA_IFNAME, text: name) }
        if let alias { message.put(IFLA_IFALIAS, text: alias) }
        if let mtu { message.put(IFLA_MTU, mtu) }
        return message
    }

    /// Has the kernel give the interface no IPv6 address by itself.
    package static func disableGeneratedAddresses(_ link: Link) -> NetlinkMessage {
        let message = message(RTM_NEWLINK, link)
        message.nest(IFLA_AF_SPEC) {
            message.nest(Int(AF_INET6)) {
                message.put(IFLA_INET6_ADDR_GEN_MODE, UInt8(IN6_ADDR_GEN_MODE_NONE.rawValue))
            }
        }
        return message
    }

    package static func bringUp(_ link: Link) -> NetlinkMessage { message(RTM_NEWLINK, link, up: true) }

    /// Deletes the interface with its addresses and routes.
    package static func delete(_ link: Link) -> NetlinkMessage { message(RTM_DELLINK, link) }

    private static func message(_ type: Int, _ link: Link, up: Bool = false) -> NetlinkMessage {
        var info = ifinfomsg()
        info.ifi_index = link.index
        if up {
            info.ifi_flags = UInt32(IFF_UP)
            info.ifi_change = UInt32(IFF_UP)
        }
        return NetlinkMessage(type: UInt16(type), familyHeader: info)
    }
}
