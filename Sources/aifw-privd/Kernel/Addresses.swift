internal import CLinux
internal import Glibc
internal import Wire

/// The addresses of the host's interfaces, by rtnetlink (rtnetlink(7), linux/if_addr.h).
struct Addresses {
    private let netlink: Netlink

    init(_ netlink: Netlink) { self.netlink = netlink }

    /// The addresses of `link`, or of all interfaces if none is given.
    func list(_ link: Link? = nil) throws(Refusal) -> [LinkAddress] {
        var info = ifaddrmsg()
        info.ifa_index = UInt32(bitPattern: link?.index ?? 0)
        let message = NetlinkMessage(type: UInt16(RTM_GETADDR), familyHeader: info)
        return try netlink.list(message, doing: "list the addresses") { reply in
            // A kernel without filters in dumps (before 4.20) gives those of every interface.
            LinkAddress(reply).flatMap { link == nil || link?.index == $0.index ? $0 : nil }
        }
    }

    /// Adds an address that can be used at once; one that is there already is no error.
    func add(_ address: InterfaceAddress, to link: Link) throws(Refusal) {
        // No other host is on the link, so there is no duplicate to wait for.
        let flags = address.address.family == .v6 ? UInt8(IFA_F_NODAD) : 0
        let message = self.message(
            RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, address, peer: address.address, link, flags: flags)
        do {
            try netlink.perform(message, doing: "add the address \(address) to \(link.name)")
        } catch let error where error.errno == EEXIST {
            return
        }
    }

    /// Removes an address; one that is gone is no error.
    func remove(_ address: LinkAddress, from link: Link) throws(Refusal) {
        let message = self.message(RTM_DELADDR, 0, address.address, peer: address.peer, link)
        do {
            try netlink.perform(message, doing: "remove the address \(address.address) from \(link.name)")
        } catch let error where error.errno == EADDRNOTAVAIL {
            return
        }
    }

    private func message(
        _ type: Int, _ flags: Int32, _ address: InterfaceAddress, peer: IPAddress, _ link: Link, flags bits: UInt8 = 0
    ) -> NetlinkMessage {
        var info = ifaddrmsg()
        info.ifa_family = UInt8(address.address.family == .v4 ? AF_INET : AF_INET6)
        info.ifa_prefixlen = UInt8(address.length)
        info.ifa_flags = bits
        info.ifa_index = UInt32(bitPattern: link.index)
        let message = NetlinkMessage(type: UInt16(type), flags: flags, familyHeader: info)
        message.put(IFA_LOCAL, address.address.bytes)
        message.put(IFA_ADDRESS, peer.bytes)
        return message
    }
}
