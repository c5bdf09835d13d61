internal import CLinux
internal import Glibc
package import Wire

/// The messages about routes of the main table (rtnetlink(7), linux/rtnetlink.h); ``Route`` reads their answers.
package enum RouteMessages {
    /// The number in `rtm_protocol` that marks a route as ours; linux/rtnetlink.h leaves it to whoever takes it.
    package static let ourProtocol: UInt8 = 197

    /// Asks for the routes of the main table, or those over `link`. A kernel before 4.20 gives those over all, and one
    /// without IPv6 gives IPv4 routes instead.
    ///
    /// - Parameter onlyOurs: whether routes of other protocols are left out; a kernel before 4.20 does not.
    package static func list(
        _ family: IPAddress.Family, over link: Link? = nil, onlyOurs: Bool = false
    ) -> NetlinkMessage {
        var info = rtmsg()
        info.rtm_family = UInt8(family.number)
        info.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
        if onlyOurs { info.rtm_protocol = ourProtocol }
        let message = NetlinkMessage(type: UInt16(RTM_GETROUTE), familyHeader: info)
        if let link { message.put(Int(RTA_OIF.rawValue), link.index) }
        return message
    }

    /// Adds a route of ours; one to the same network that is there is EEXIST.
    package static func add(_ prefix: Prefix, over link: Link) -> NetlinkMessage {
        message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, prefix, link)
    }

    /// Removes a route of ours; ESRCH if there is none.
    package static func remove(_ prefix: Prefix, over link: Link) -> NetlinkMessage {
        message(RTM_DELROUTE, 0, prefix, link)
    }

    private static func message(_ type: Int, _ flags: Int32, _ prefix: Prefix, _ link: Link) -> NetlinkMessage {
        var info = rtmsg()
        info.rtm_family = UInt8(prefix.family.number)
        info.rtm_dst_len = UInt8(prefix.length)
        info.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
        info.rtm_protocol = ourProtocol
        info.rtm_scope = UInt8(prefix.family == .v4 ? RT_SCOPE_LINK.rawValue : RT_SCOPE_UNIVERSE.rawValue)
        info.rtm_type = UInt8(RTN_UNICAST)
        let message = NetlinkMessage(type: UInt16(type), flags: flags, familyHeader: info)
        message.put(Int(RTA_DST.rawValue), prefix.address.bytes)
        message.put(Int(RTA_OIF.rawValue), link.index)
        return message
    }
}
