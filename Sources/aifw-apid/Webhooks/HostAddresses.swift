import Glibc
import NIOCore
import Wire

/// The addresses of this host, of which no list is needed to know one: a socket can be bound to no other (bind(2):
/// EADDRNOTAVAIL).
enum HostAddresses {
    /// Whether an address is one of them. Where the kernel lets sockets be bound to any (`net.ipv4.ip_nonlocal_bind`), that can't
    /// be told, and none is.
    static func contain(_ address: IPAddress) -> Bool { canBind(address) && !canBind(nobodys(address.family)) }

    /// One that no host has: reserved (RFC 1112, section 4), or for what is to be discarded (RFC 6666).
    private static func nobodys(_ family: IPAddress.Family) -> IPAddress {
        family == .v4 ? IPAddress(.v4, bits: 0xF000_0001) : IPAddress(.v6, bits: 0x0100 << 112 | 1)
    }

    private static func canBind(_ address: IPAddress) -> Bool {
        guard let place = try? SocketAddress(ipAddress: address.description, port: 0) else { return false }
        let kind = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let socket = Glibc.socket(address.family == .v4 ? AF_INET : AF_INET6, kind, 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        return place.withSockAddr { bind(socket, $0, socklen_t($1)) } == 0
    }
}
