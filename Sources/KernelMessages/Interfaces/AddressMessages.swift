internal import CLinux
internal import Glibc
package import Wire

/// The messages about interfaces' addresses (rtnetlink(7), linux/if_addr.h); ``LinkAddress`` reads their answers.
package enum AddressMessages {
    /// Asks for the addresses of `link`, or of all interfaces. A kernel before 4.20 gives all in any case.
    package static func list(_ link: Link?) -> NetlinkMessage {
        var info = ifaddrmsg()
        info.ifa_index = UInt32(bitPattern: link?.index ?? 0)
        return NetlinkMessage(type: UInt16(RTM_GETADDR), familyHeader: info)
    }

    /// Adds an address that can be used at once: no other host is on the link, so there is no duplicate to wait for.
    package static func add(_ address: InterfaceAddress, to link: Link) -> NetlinkMessage {
        let flags = address.address.family == .v6 ? UInt8(IFA_F_NODAD) : 0
        return message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, address, peer: address.address, link, flags)
    }

    package static func remove(_ address: LinkAddress, from link: Link) -> NetlinkMessage {
        message(RTM_DELADDR, 0, address.address, peer: address.peer, link, 0)
    }

    private static func message(
        _ type: Int, _ flags: Int32, _ address: InterfaceAddress, peer: IPAddress, _ link: Link, _ bits: UInt8
    ) -> NetlinkMessage {
        var info = ifaddrmsg()
        info.ifa_family = UInt8(address.address.family.number)
        info.ifa_prefixlen = UInt8(address.length)
        info.ifa_flags = bits
        info.ifa_index = UInt32(bitPattern: link.index)
        let message = NetlinkMessage(type: UInt16(type), flags: flags, familyHeader: info)
        message.put(IFA_LOCAL, address.address.bytes)
        message.put(IFA_ADDRESS, peer.bytes)
        return message
    }
}
