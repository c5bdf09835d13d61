internal import CLinux
internal import Glibc
internal import KernelMessages
internal import Wire

/// Whether a UDP port can be bound on all addresses, tried by binding it for a moment.
///
/// wireguard-go closes its sockets before it binds a new port, so that a port which is taken would leave the tunnel
/// without any; and for a new interface it binds long after it has said that all is well.
enum FreePort {
    static func check(_ port: Port) throws(Refusal) {
        for family in IPAddress.Family.allCases {
            let descriptor = socket(family.number, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else {
                if errno == EAFNOSUPPORT { continue }
                throw Refusal(kernel: errno, "open a UDP socket")
            }
            defer { close(descriptor) }
            var on: Int32 = 1
            if family == .v6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, socklen_t(4)) }
            let bound = SocketAddress.bytes(Endpoint(IPAddress(family, bits: 0), port)).withUnsafeBytes { bytes in
                bind(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
            }
            guard bound == 0 else {
                throw Refusal(kernel: errno, "listen on UDP port \(port)", field: "listen_port")
            }
        }
    }
}
