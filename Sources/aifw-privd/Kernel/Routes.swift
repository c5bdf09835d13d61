internal import CLinux
internal import Glibc
internal import Wire

/// The routes over our interfaces in the main table, by rtnetlink (rtnetlink(7), linux/rtnetlink.h).
///
/// Ours carry a protocol number of their own; a route with another number is never changed or replaced.
struct Routes {
    /// The number in `rtm_protocol` that marks a route as ours; linux/rtnetlink.h leaves it to whoever takes it.
    static let ourProtocol: UInt8 = 197

    private let netlink: Netlink

    init(_ netlink: Netlink) { self.netlink = netlink }

    /// All unicast routes of the main table, or those over `link`.
    func list(_ family: IPAddress.Family, over link: Link? = nil) throws(Refusal) -> [Route] {
        var info = rtmsg()
        info.rtm_family = Self.number(family)
        info.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
        let message = NetlinkMessage(type: UInt16(RTM_GETROUTE), familyHeader: info)
        if let link { message.put(Int(RTA_OIF.rawValue), link.index) }
        do {
            return try netlink.list(message, doing: "list the \(family) routes") { reply in
                // A kernel without filters in dumps (before 4.20) gives those over every interface, and one without IPv6
                // gives IPv4 routes instead.
                guard let route = Route(reply), route.destination.family == family else { return nil }
                return link == nil || link?.index == route.index ? route : nil
            }
        } catch let error where [ENOENT, EOPNOTSUPP, EAFNOSUPPORT].contains(error.errno) {
            return []  // no table until there is a first route, or a host without the family
        }
    }

    /// The destinations of our own routes over `link`.
    func ours(over link: Link) throws(Refusal) -> [Prefix] {
        var prefixes: [Prefix] = []
        for family in IPAddress.Family.allCases {
            prefixes += try list(family, over: link).filter { $0.routeProtocol == Self.ourProtocol }.map(\.destination)
        }
        return prefixes
    }

    /// How many routes of ours there are, over all interfaces. None is kept: there may be hundreds of thousands.
    func countOurs() throws(Refusal) -> Int {
        var count = 0
        for family in IPAddress.Family.allCases {
            var info = rtmsg()
            info.rtm_family = Self.number(family)
            info.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
            info.rtm_protocol = Self.ourProtocol
            let message = NetlinkMessage(type: UInt16(RTM_GETROUTE), familyHeader: info)
            do {
                count += try netlink.list(message, doing: "count the \(family) routes") { reply -> Void? in
                    guard let route = Route(reply), route.destination.family == family else { return nil }
                    return route.routeProtocol == Self.ourProtocol ? () : nil
                }.count
            } catch let error where [ENOENT, EOPNOTSUPP, EAFNOSUPPORT].contains(error.errno) {
                continue  // as in list(_:over:)
            }
        }
        return count
    }

    /// Adds routes over `link`. One that leads over it already is no error; one that leads elsewhere stays.
    ///
    /// - Parameter field: the member of the request that holds them, for the refusal to name the element.
    /// - Throws: the first refusal, after all others have been tried: each route stands for itself.
    func add(_ prefixes: [Prefix], over link: Link, field: String? = nil) throws(Refusal) {
        var present: Set<Prefix>?
        var first: Refusal?
        for (number, prefix) in prefixes.enumerated() {
            let doing = "add the route \(prefix) over \(link.name)"
            do {
                try netlink.perform(message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, prefix, link), doing: doing)
                present?.insert(prefix)
            } catch {
                if error.errno == EEXIST, present == nil { present = Set(try destinations(over: link)) }
                guard error.errno != EEXIST || present?.contains(prefix) != true, first == nil else { continue }
                let element = field.map { "\($0)[\(number)]" }
                first =
                    error.errno == EEXIST
                    ? Refusal(kernel: EEXIST, doing, detail: "another route to it leads elsewhere", field: element)
                    : Refusal(error.code, error.message, field: element, errno: error.errno)
            }
        }
        if let first { throw first }
    }

    /// Removes our routes over `link`; one that is gone is no error.
    func remove(_ prefixes: [Prefix], over link: Link) throws(Refusal) {
        for prefix in prefixes {
            do {
                try netlink.perform(
                    message(RTM_DELROUTE, 0, prefix, link), doing: "remove the route to \(prefix) over \(link.name)")
            } catch let error where error.errno == ESRCH {
                continue
            }
        }
    }

    private func destinations(over link: Link) throws(Refusal) -> [Prefix] {
        try list(.v4, over: link).map(\.destination) + list(.v6, over: link).map(\.destination)
    }

    private func message(_ type: Int, _ flags: Int32, _ prefix: Prefix, _ link: Link) -> NetlinkMessage {
        var info = rtmsg()
        info.rtm_family = Self.number(prefix.family)
        info.rtm_dst_len = UInt8(prefix.length)
        info.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
        info.rtm_protocol = Self.ourProtocol
        info.rtm_scope = UInt8(prefix.family == .v4 ? RT_SCOPE_LINK.rawValue : RT_SCOPE_UNIVERSE.rawValue)
        info.rtm_type = UInt8(RTN_UNICAST)
        let message = NetlinkMessage(type: UInt16(type), flags: flags, familyHeader: info)
        message.put(Int(RTA_DST.rawValue), prefix.address.bytes)
        message.put(Int(RTA_OIF.rawValue), link.index)
        return message
    }

    private static func number(_ family: IPAddress.Family) -> UInt8 { UInt8(family == .v4 ? AF_INET : AF_INET6) }
}
