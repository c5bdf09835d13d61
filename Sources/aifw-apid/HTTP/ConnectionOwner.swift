import NIOCore
import Wire

/// Whose a connection is, as far as its socket tells: the share of one of these is what is made smaller under pressure.
enum ConnectionOwner: Hashable, Sendable {
    /// An IPv4 address, one that is mapped into IPv6 too.
    case v4(UInt32)
    /// The first 64 bits of an IPv6 address: a host has all addresses of such a network.
    case v6(UInt64)
    /// Over the Unix socket, where all callers are administrators of this host.
    case local

    init(_ remote: SocketAddress?) {
        // A link-local address comes with its zone ("fe80::1%eth0"), which is no part of the address.
        guard let text = remote?.ipAddress, let address = try? IPAddress(String(text.prefix { $0 != "%" })) else {
            self = .local
            return
        }
        // RFC 4291, section 2.5.5.2: ::ffff:0:0/96.
        if address.family == .v4 || address.bits >> 32 == 0xFFFF {
            self = .v4(UInt32(truncatingIfNeeded: address.bits))
        } else {
            self = .v6(UInt64(truncatingIfNeeded: address.bits >> 64))
        }
    }
}
