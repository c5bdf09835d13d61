internal import CLinux
internal import Glibc
package import Wire

/// A route of the main table as rtnetlink lists it, as far as we look at one.
package struct Route: Equatable {
    package let destination: Prefix
    /// Who installed it: `RTPROT_…`, or our own number.
    package let routeProtocol: UInt8
    /// The interface it leads to, the first of several; nil for one that leads nowhere.
    package let index: Int32?
    package let gateway: IPAddress?
    /// The source address that is set on it.
    package let source: IPAddress?
    package let metric: UInt32

    /// Whether the helper made it.
    package var isOurs: Bool { routeProtocol == RouteMessages.ourProtocol }

    package init(
        destination: Prefix, routeProtocol: UInt8, index: Int32?, gateway: IPAddress?, source: IPAddress?,
        metric: UInt32
    ) {
        self.destination = destination
        self.routeProtocol = routeProtocol
        self.index = index
        self.gateway = gateway
        self.source = source
        self.metric = metric
    }

    /// Reads an `RTM_NEWROUTE`; nil if it is no unicast route of the main table.
    package init?(_ reply: NetlinkReply) {
        guard reply.type == RTM_NEWROUTE, let info = reply.familyHeader(as: rtmsg.self),
            let family = IPAddress.Family.allCases.first(where: { $0.number == info.rtm_family }),
            Int(info.rtm_dst_len) <= family.width,
            info.rtm_type == UInt8(RTN_UNICAST), info.rtm_flags & UInt32(RTM_F_CLONED) == 0
        else { return nil }
        var table = UInt32(info.rtm_table)
        var address = IPAddress(family, bits: 0)
        var index: Int32?
        var gateway: IPAddress?
        var source: IPAddress?
        var metric: UInt32 = 0
        for attribute in reply.attributes(after: rtmsg.self) {
            switch UInt32(attribute.type) {
            case RTA_TABLE.rawValue: table = attribute.integer() ?? table
            case RTA_DST.rawValue: address = attribute.address ?? address
            case RTA_OIF.rawValue: index = attribute.integer()
            case RTA_GATEWAY.rawValue: gateway = attribute.address
            case RTA_PREFSRC.rawValue: source = attribute.address
            case RTA_PRIORITY.rawValue: metric = attribute.integer() ?? 0
            case RTA_MULTIPATH.rawValue:
                // The first hop's fixed part, then its own attributes.
                guard attribute.payload.count >= MemoryLayout<rtnexthop>.size else { continue }
                let hop = attribute.payload.loadUnaligned(as: rtnexthop.self)
                index = index ?? hop.rtnh_ifindex
                let end = Swift.min(Int(hop.rtnh_len), attribute.payload.count)
                guard end > MemoryLayout<rtnexthop>.size else { continue }
                let inner = attribute.payload[MemoryLayout<rtnexthop>.size..<end]
                gateway =
                    NetlinkAttributes(UnsafeRawBufferPointer(rebasing: inner))
                    .first { UInt32($0.type) == RTA_GATEWAY.rawValue }?.address
            default: continue
            }
        }
        guard table == RT_TABLE_MAIN.rawValue, address.family == family else { return nil }
        destination = Prefix(masking: address, length: Int(info.rtm_dst_len))
        routeProtocol = info.rtm_protocol
        self.index = index
        self.gateway = gateway
        self.source = source
        self.metric = metric
    }
}
