internal import CLinux
internal import Glibc
internal import Wire

extension Kernel {
    var filter: FilterBackend { packetFilter.backend }

    mutating func applyRules(_ request: ApplyRules) throws(Refusal) -> ApplyRules.Answer {
        try packetFilter.apply(request)
        return ApplyRules.Answer()
    }

    mutating func readRules(page: (ReadRules.Answer) throws(Refusal) -> Void) throws(Refusal) {
        try packetFilter.read(page: page)
    }

    /// The packet filter that is meant: `auto` is the kernel's nf_tables if it has it, else none. It is never pf, which no
    /// kernel with netlink has by itself: whoever has brought one says so.
    static func filter(for choice: FilterChoice) throws(Refusal) -> FilterBackend {
        switch choice {
        case .nftables: return .nftables
        case .pf: return .pf
        case .none: return .none
        case .auto:
            do {
                return try NftablesAnchor(Netlink(bus: NETLINK_NETFILTER)).isSupported() ? .nftables : .none
            } catch let error where error.errno == EPROTONOSUPPORT {
                return .none  // a kernel without any netfilter
            }
        }
    }

    /// Opens what is needed of it, before privileges are dropped: libnftables reads files.
    static func openFilter(_ backend: FilterBackend, pfctl: any PfctlRunning) throws(Refusal) -> any PacketFilter {
        switch backend {
        case .none: return NoPacketFilter()
        case .pf: return Pf(pfctl: pfctl)
        case .nftables:
            let anchor = NftablesAnchor(try Netlink(bus: NETLINK_NETFILTER))
            guard try anchor.isSupported() else {
                throw Refusal(
                    .kernel, "this kernel has no nf_tables; load its module, or use --filter none", errno: EOPNOTSUPP)
            }
            return try Nftables(anchor)
        }
    }
}
