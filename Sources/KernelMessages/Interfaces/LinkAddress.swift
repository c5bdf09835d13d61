internal import CLinux
internal import Glibc
package import Wire

/// An address of an interface as rtnetlink lists it.
package struct LinkAddress: Equatable {
    package let index: Int32
    package let address: InterfaceAddress
    /// The other end of a point-to-point link; the address itself everywhere else.
    package let peer: IPAddress
    package let scope: UInt8
    /// `IFA_F_…` of linux/if_addr.h.
    package let flags: UInt32

    package init(index: Int32, address: InterfaceAddress, peer: IPAddress, scope: UInt8, flags: UInt32) {
        self.index = index
        self.address = address
        self.peer = peer
        self.scope = scope
        self.flags = flags
    }

    /// Reads an `RTM_NEWADDR`; nil if it is none of IPv4 or IPv6.
    package init?(_ reply: NetlinkReply) {
        guard reply.type == RTM_NEWADDR, let info = reply.familyHeader(as: ifaddrmsg.self) else { return nil }
        var local: IPAddress?
        var remote: IPAddress?
        var flags = UInt32(info.ifa_flags)
        for attribute in reply.attributes(after: ifaddrmsg.self) {
            switch attribute.type {
            case IFA_LOCAL: local = attribute.address
            case IFA_ADDRESS: remote = attribute.address
            case IFA_FLAGS: flags = attribute.integer() ?? flags
            default: continue
            }
        }
        guard let address = local ?? remote, Int(info.ifa_prefixlen) <= address.family.width,
            Int32(info.ifa_family) == address.family.number
        else { return nil }
        index = Int32(bitPattern: info.ifa_index)
        self.address = InterfaceAddress(address, length: Int(info.ifa_prefixlen))
        peer = remote ?? address
        scope = info.ifa_scope
        self.flags = flags
    }

    /// What lies at the other end of a point-to-point link, whose prefix length is that end's; nil on any other link.
    package var farEnd: Prefix? {
        peer == address.address ? nil : Prefix(masking: peer, length: address.length)
    }

    /// The address with the network that the host reaches by it: that address alone on a point-to-point link.
    package var own: InterfaceAddress {
        farEnd == nil ? address : InterfaceAddress(address.address, length: address.address.family.width)
    }

    /// All that the host has, or reaches at once, by this address.
    package var networks: [Prefix] { [own.network] + [farEnd].compactMap { $0 } }

    package var isIPv6: Bool { address.address.family == .v6 }

    /// Whether a host would choose it by itself as the source of a packet to the Internet.
    var isGeneralSource: Bool {
        let transient = IFA_F_DEPRECATED | IFA_F_TENTATIVE | IFA_F_TEMPORARY
        // The bit of IFA_F_TEMPORARY means "secondary" on an IPv4 address, which may well be a source.
        let unwanted = address.address.family == .v6 ? transient : IFA_F_DEPRECATED
        return scope == UInt8(RT_SCOPE_UNIVERSE.rawValue) && flags & UInt32(unwanted) == 0
    }
}
