internal import Glibc
package import Wire

/// Addresses with a port in the form of the kernel: `sockaddr_in` and `sockaddr_in6` (ip(7), ipv6(7)).
package enum SocketAddress {
    package static func bytes(_ endpoint: Endpoint) -> [UInt8] {
        let port = endpoint.port.rawValue.bigEndian
        switch endpoint.address.family {
        case .v4:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port
            withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: endpoint.address.bytes) }
            return withUnsafeBytes(of: address) { Array($0) }
        case .v6:
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: endpoint.address.bytes) }
            return withUnsafeBytes(of: address) { Array($0) }
        }
    }

    /// Reads one; nil if it is none, or has port 0, which the kernel's WireGuard has until a peer is heard of.
    static func endpoint(_ bytes: UnsafeRawBufferPointer) -> Endpoint? {
        guard bytes.count >= MemoryLayout<sockaddr_in>.size else { return nil }
        let address: IPAddress?
        switch Int32(bytes.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET: address = IPAddress(bytes: bytes[4..<8])
        case AF_INET6 where bytes.count >= 24: address = IPAddress(bytes: bytes[8..<24])
        default: return nil
        }
        let port = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        guard let address, let port = try? Port(port) else { return nil }
        return Endpoint(address, port)
    }
}

extension IPAddress.Family {
    /// `AF_INET` or `AF_INET6`.
    package var number: Int32 { self == .v4 ? AF_INET : AF_INET6 }
}
