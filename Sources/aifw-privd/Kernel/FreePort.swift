internal import CLinux
internal import Glibc
internal import Wire

/// Whether a UDP port can be bound on all addresses, tried by binding it for a moment.
///
/// wireguard-go closes its sockets before it binds a new port, so that a port which is taken would leave the tunnel
/// without any; and for a new interface it binds long after it has said that all is well.
enum FreePort {
    static func check(_ port: Port) throws(Refusal) {
        for family in [AF_INET, AF_INET6] {
            let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else {
                if errno == EAFNOSUPPORT { continue }
                throw Refusal(kernel: errno, "open a UDP socket")
            }
            defer { close(descriptor) }
            guard bind(descriptor, port, family) else {
                throw Refusal(kernel: errno, "listen on UDP port \(port)", field: "listen_port")
            }
        }
    }

    private static func bind(_ descriptor: Int32, _ port: Port, _ family: Int32) -> Bool {
        func bound<Address>(_ address: Address) -> Bool {
            withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size)) == 0
                }
            }
        }
        guard family == AF_INET6 else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.rawValue.bigEndian
            return bound(address)
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.rawValue.bigEndian
        return bound(address)
    }
}
